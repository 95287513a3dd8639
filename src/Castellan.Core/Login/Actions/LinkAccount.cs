using Castellan.Core.Brokering;
using Castellan.Core.Events;
using Castellan.Core.Tokens;

namespace Castellan.Core.Login.Actions;

/// <param name="Provider">The provider in words.</param>
public sealed record LinkAccountPage(string Provider) : LoginPage("link-idp-action");

/// <summary>The person links an account at an identity provider that the application names: <c>idp_link:alias</c>. Nothing happens before they say so.</summary>
public sealed class LinkAccount : IRequiredAction
{
    public string Alias => BrokeredSignIn.LinkAction;

    public async ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        var alias = RequiredActions.AskedFor(context)?.Parameter;
        var provider = Find(context, alias);
        if (provider is not null && IsAllowed(context))
        {
            return ActionResult.Ask(new LinkAccountPage(provider.Name));
        }

        context.Event.With("identity_provider", alias);
        await ActionEvents.TellAsync(context, null, null, provider is null ? "unknown_identity_provider" : "not_allowed", EventTypes.FederatedIdentityLink);
        context.Event.Details?.Remove("identity_provider");
        return ActionResult.Failed;
    }

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form) =>
        !form.Has("continue") || Find(context, RequiredActions.AskedFor(context)?.Parameter) is not { Enabled: true, CanSignIn: true } provider || !IsAllowed(context)
            ? await BeginAsync(context) : ActionResult.LeaveFor(provider);

    /// <summary>Whether the person may change their links, and the application may have them do it: by a role of the account that is within its scope.</summary>
    internal static bool IsAllowed(LoginContext context)
    {
        var all = GrantedRoles.Of(context.Realm, context.User!);
        var scopes = Scopes.Restore(context.Client, context.Tab.ClientNote("scope")).For(all);
        return GrantedRoles.Within(context.Realm, context.Client, scopes, all).Any(r => r is { ClientName: "account", Name: "manage-account" or "manage-account-links" });
    }

    /// <summary>A provider that the realm has. Whether it is enabled is judged when somebody goes there.</summary>
    private static IdentityProvider? Find(LoginContext context, string? alias) => IdentityProviders.Of(context.Realm).Find(alias);
}
