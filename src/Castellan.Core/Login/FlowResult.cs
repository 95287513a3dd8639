namespace Castellan.Core.Login;

/// <summary>Where a flow stands after a request.</summary>
public abstract record FlowResult
{
    /// <summary>Everything that the flow demands is proved, or must be set up by a required action first.</summary>
    public static readonly FlowResult Passed = new PassedFlow();

    public static readonly FlowResult Restart = new RestartFlow();

    public sealed record PassedFlow : FlowResult;

    public sealed record RestartFlow : FlowResult;

    /// <summary>On to the ordinary sign-in, with a message.</summary>
    public sealed record Forked(LoginMessage Message) : FlowResult;

    /// <summary>A page that the person must answer.</summary>
    public sealed record Asks(Execution Execution, LoginPage Page, bool Wrong) : FlowResult;

    public sealed record Failed(FlowError Error, LoginPage? Page) : FlowResult;

    /// <summary>On to an identity provider.</summary>
    public sealed record AtProvider(Execution Execution, Brokering.IdentityProvider Provider, string? Hint) : FlowResult;
}
