namespace Castellan.Core.Login.Steps;

/// <summary>Nobody gets past.</summary>
public sealed class DenyStep : ILoginStep
{
    public string Id => "deny-access-authenticator";

    public ValueTask<StepResult> BeginAsync(LoginContext context) => new(StepResult.Fail(
        FlowError.AccessDenied, new ErrorPage(401, context.Execution!.Setting("denyErrorMessage") ?? "access-denied")));
}

/// <summary>Everybody gets past.</summary>
public sealed class AllowStep : ILoginStep
{
    public string Id => "allow-access-authenticator";

    public ValueTask<StepResult> BeginAsync(LoginContext context) => new(StepResult.Passed);
}

/// <summary>A way that this server does not go, where the realm leaves it in its flows: the next alternative has its turn.</summary>
public sealed class AbsentStep(string id) : ILoginStep
{
    public string Id => id;

    public ValueTask<StepResult> BeginAsync(LoginContext context) => new(StepResult.Attempted);
}
