using Castellan.Core.Users;

namespace Castellan.Core.Login;

/// <summary>
/// One way to prove something, as an execution of a flow names it. A step never says what comes after it: it answers "passed", "not mine",
/// "ask this", "failed", and the flow decides.
/// </summary>
public interface ILoginStep
{
    /// <summary>Keycloak's provider id.</summary>
    string Id { get; }

    /// <summary>Whether the person must be known before.</summary>
    bool NeedsUser => false;

    /// <summary>The type of the credential that it asks for; null when it asks for none of the person's own.</summary>
    string? CredentialType => null;

    /// <summary>Message keys of its name and help in the list of ways to sign in.</summary>
    string NameKey => $"{Id}-display-name";

    string HelpKey => $"{Id}-help-text";

    /// <summary>Whether the person has what the step asks for.</summary>
    ValueTask<bool> IsConfiguredAsync(LoginContext context, User user) => new(true);

    /// <summary>Whether it has something to ask of somebody who is not known yet, where a condition looks for that.</summary>
    ValueTask<bool> IsConfiguredAsync(LoginContext context) => new(false);

    /// <summary>The required action that sets it up; null when a person cannot do so.</summary>
    string? SetupAction => null;

    ValueTask<StepResult> BeginAsync(LoginContext context);

    /// <summary>Takes what the page of <see cref="BeginAsync"/> sent back. A step without a page has no answer.</summary>
    ValueTask<StepResult> AnswerAsync(LoginContext context, LoginForm form) => new(StepResult.Attempted);
}

/// <summary>A condition of a conditional sub-flow.</summary>
public interface ILoginCondition
{
    string Id { get; }

    ValueTask<bool> HoldsAsync(LoginContext context);

    /// <summary>The sub-flow that the condition stands in was gone through.</summary>
    void OnPassed(LoginContext context)
    {
    }
}

/// <summary>Why a flow ended without success.</summary>
public enum FlowError
{
    InvalidCredentials, UnknownUser, UserDisabled, UserLocked, CredentialSetupRequired, AccessDenied, SessionLimit, LevelNotReached, NoFlow, AccountExists, NoAccount,
}

/// <summary>What a step answers.</summary>
public abstract record StepResult
{
    /// <summary>Proved.</summary>
    public static readonly StepResult Passed = new PassedResult();

    /// <summary>Nothing proved, nothing wrong: the next alternative may try.</summary>
    public static readonly StepResult Attempted = new AttemptedResult();

    /// <summary>Everything from the beginning.</summary>
    public static readonly StepResult Restart = new RestartResult();

    public static StepResult Ask(LoginPage page) => new AskResult(page, false);

    /// <summary>Wrong: asks again, and counts.</summary>
    public static StepResult AskAgain(LoginPage page) => new AskResult(page, true);

    /// <summary>The sign-in ends here.</summary>
    public static StepResult Fail(FlowError error, LoginPage? page = null) => new FailResult(error, page);

    /// <summary>What this flow can do is done; the person is led to the ordinary sign-in with a word on what happened.</summary>
    public static StepResult Fork(LoginMessage message) => new ForkResult(message);

    /// <summary>Passed once the person has done this required action.</summary>
    public static StepResult SetUp(string action) => new SetUpResult(action);

    internal sealed record SetUpResult(string Action) : StepResult;

    internal sealed record ForkResult(LoginMessage Message) : StepResult;

    internal sealed record PassedResult : StepResult;

    internal sealed record AttemptedResult : StepResult;

    internal sealed record RestartResult : StepResult;

    internal sealed record AskResult(LoginPage Page, bool Wrong) : StepResult;

    internal sealed record FailResult(FlowError Error, LoginPage? Page) : StepResult;

    /// <summary>The flow looks again: an earlier step has something to ask anew.</summary>
    public static readonly StepResult Again = new AgainResult();

    internal sealed record AgainResult : StepResult;

    /// <summary>The person signs in at an identity provider.</summary>
    /// <param name="hint">The address that the person gave.</param>
    public static StepResult GoTo(Brokering.IdentityProvider provider, string? hint = null) => new ProviderResult(provider, hint);

    internal sealed record ProviderResult(Brokering.IdentityProvider Provider, string? Hint) : StepResult;
}

/// <summary>The fields of a posted form. Of a repeated field the last value that is not empty counts.</summary>
public sealed class LoginForm(IReadOnlyDictionary<string, IReadOnlyList<string>> fields)
{
    public static readonly LoginForm Empty = new(new Dictionary<string, IReadOnlyList<string>>());

    public IEnumerable<string> Names => fields.Keys;

    public bool Has(string name) => fields.ContainsKey(name);

    public string? this[string name] =>
        fields.GetValueOrDefault(name) is { Count: > 0 } values ? values.LastOrDefault(v => v.Length > 0) ?? values[^1] : null;

    /// <summary>All values of a field.</summary>
    public IReadOnlyList<string> All(string name) => fields.GetValueOrDefault(name) ?? [];
}
