namespace Castellan.Core.Login.Steps.Broker;

/// <summary>Links the account to whoever here has its address or name, without a question: for administrators who trust their provider that far.</summary>
public sealed class AutoLinkStep : ILoginStep
{
    public string Id => "idp-auto-link";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (await ExistingUser.ReadAsync(context) is not { } user)
        {
            return StepResult.Attempted;
        }

        if (!user.Enabled)
        {
            return StepResult.Fail(FlowError.UserDisabled);
        }

        context.Identify(user);
        return StepResult.Passed;
    }
}
