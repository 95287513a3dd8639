namespace Castellan.Core.Login;

/// <summary>A sign-in in which the person must not be asked for anything (OIDC Core §3.1.2.1, <c>prompt=none</c>; SAML core §3.4.1, <c>IsPassive</c>).</summary>
public static class SilentSignIn
{
    /// <summary>Whether the application asked for a sign-in without a page. A provider that was asked likewise may have sent the browser back.</summary>
    public static bool IsWanted(LoginContext context) => context.Tab.ClientNote("prompt")?.Split(' ').Contains("none") ?? false;

    /// <summary>What a request came to, with a refusal in place of whatever asks.</summary>
    public static LoginOutcome Of(LoginOutcome outcome) => outcome switch
    {
        // A flow that fails has no page for a person to go on with; Keycloak shows the failure, even so.
        LoginOutcome.Finish or LoginOutcome.Show { Page: ErrorPage } or LoginOutcome.AtBroker => outcome,
        LoginOutcome.GoTo => new LoginOutcome.Refuse("interaction_required"),
        LoginOutcome.Show show => new LoginOutcome.Refuse("login_required") { Messages = show.Page.Messages },
        _ => new LoginOutcome.Refuse("login_required"),
    };
}
