using Castellan.Core.Login;
using Castellan.Core.Saml.Responses;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>The request that sends a browser to a provider that speaks SAML (SAML core §3.4.1), and what is remembered of it.</summary>
public sealed class SamlDoor(TimeProvider time)
{
    /// <summary>What goes to the provider; the tab remembers the rest and wants to be saved. Null when the provider cannot be asked.</summary>
    /// <param name="action">Whether a person who is signed in links the account.</param>
    public SamlDeparture? Begin(LoginContext context, IdentityProvider provider, bool action = false)
    {
        var settings = new SamlProvider(context.Realm, provider, context.Request.Issuer);
        if (settings.SignOnUrl is not { } address || !settings.TryFindSigner(out var signer))
        {
            return null;
        }

        var tab = context.Tab;
        var code = Secret.Base64Url(32);
        var request = new SignOnRequest
        {
            Id = SamlResponses.NewId(), Issued = time.GetUtcNow(), Issuer = settings.EntityId, Destination = address, ConsumerUrl = settings.Endpoint, ProtocolBinding = settings.ResponseBinding,
            ForceAuthn = provider.Flag("forceAuthn") || (tab.ClientNote("prompt")?.Split(' ').Contains("login") ?? false) || tab.ClientNote(LoginNotes.ProveAnew) is not null,
            AttributeIndex = settings.AttributeIndex,
            Subject = provider.Flag("loginHint") && tab.ClientNote(LoginNotes.LoginHint)?.Trim() is { Length: > 0 } hint ? new(settings.NameIdFormat, hint) : null,
            NameIdFormat = settings.NameIdFormat, AllowCreate = provider.Setting("allowCreate") is null || provider.Flag("allowCreate"),
            Comparison = provider.Setting("authnContextComparisonType") ?? "exact", ContextClasses = settings.ContextClasses, ContextDeclarations = settings.ContextDeclarations,
        };
        UpstreamRequest.Remember(tab, new SentRequest(provider.Alias, Secret.Hash(code), request.Id, null, action));
        return SamlDeparture.Of(settings, address, settings.RequestBinding, request.Write, BrokerState.For(context.Client, tab, code).ToShortString(), signer);
    }
}
