using Castellan.Core.Brokering;
using Castellan.Core.Events;

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
        if (Find(context, alias) is { } provider)
        {
            return ActionResult.Ask(new LinkAccountPage(provider.Name));
        }

        context.Event.With("identity_provider", alias);
        await ActionEvents.TellAsync(context, null, null, "unknown_identity_provider", EventTypes.FederatedIdentityLink);
        context.Event.Details?.Remove("identity_provider");
        return ActionResult.Failed;
    }

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form) =>
        !form.Has("continue") || Find(context, RequiredActions.AskedFor(context)?.Parameter) is not { Enabled: true, CanSignIn: true } provider
            ? await BeginAsync(context) : ActionResult.LeaveFor(provider);

    /// <summary>A provider that the realm has. Whether it is enabled is judged when somebody goes there.</summary>
    private static IdentityProvider? Find(LoginContext context, string? alias) => IdentityProviders.Of(context.Realm).Find(alias);
}
