using Castellan.Core.Brokering;

namespace Castellan.Core.Login.Steps;

/// <summary>On to an identity provider: the one that the application names (<c>kc_idp_hint</c>), or the one that the administrator set.</summary>
public sealed class IdentityProviderRedirectStep(ProviderOrganizations organizations) : ILoginStep
{
    public const string Hint = "kc_idp_hint";

    public string Id => "identity-provider-redirector";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        // A provider that just refused would refuse again: the person chooses then. An empty hint asks for the page.
        var wanted = context.Tab.ClientNotes.TryGetValue(Hint, out var hint) ? hint : context.Execution!.Setting("defaultProvider");
        return context.Tab.Note(LoginNotes.ForwardedError) is null && IdentityProviders.Of(context.Realm).FindEnabled(wanted) is { CanSignIn: true } provider && MayGo(context, provider)
            && !await organizations.IsClosedAsync(context.Realm, provider, context.Ct) ? StepResult.GoTo(provider) : StepResult.Attempted;
    }

    /// <summary>Without a page for the person only a provider that is asked without one as well will do.</summary>
    public static bool MayGo(LoginContext context, IdentityProvider provider) =>
        !SilentSignIn.IsWanted(context) || provider.Flag("acceptsPromptNoneForwardFromClient");
}
