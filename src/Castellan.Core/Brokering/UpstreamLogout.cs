using Castellan.Core.Brokering.Saml;
using Castellan.Core.Codes;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering;

/// <summary>Where a person goes on behind the provider's logout: the client's address, its state included; null for nowhere.</summary>
public sealed record LeftFor(string? RedirectUri, string? ClientId);

/// <summary>Ends the session of the provider by which a session here began (OpenID Connect RP-Initiated Logout 1.0).</summary>
public sealed class UpstreamLogout(IFetch fetch, IOneUse store, TimeProvider time)
{
    private const string Kind = "broker-logout";
    private const int Minutes = 10;

    /// <summary>The provider that the session came by, if it wants to hear of the end.</summary>
    public static IdentityProvider? ProviderOf(Realm realm, UserSession session) =>
        IdentityProviders.Of(realm).FindEnabled(session.Notes.GetValueOrDefault(Login.LoginNotes.IdentityProvider)) is { LogoutUrl: not null, IsSaml: false } provider ? provider : null;

    /// <summary>The address that the browser goes to; what is to come afterwards is kept under the state. Null when the provider hears of it in another way, or not at all.</summary>
    /// <param name="returnTo">The provider's own address below <c>broker/</c>, at which it sends the browser back.</param>
    public async ValueTask<string?> BeginAsync(Realm realm, UserSession session, string returnTo, LeftFor left, CancellationToken ct = default)
    {
        if (ProviderOf(realm, session) is not { } provider || provider.Flag("backchannelSupported"))
        {
            return null;
        }

        var state = await KeepAsync(realm, provider, left, ct);
        return Address(provider, session, state, $"{returnTo}/broker/{Uri.EscapeDataString(provider.Alias)}/endpoint/logout_response");
    }

    /// <summary>Keeps where the person goes on; the answer is the state under which it is found.</summary>
    public async ValueTask<string> KeepAsync(Realm realm, IdentityProvider provider, LeftFor left, CancellationToken ct = default)
    {
        var state = Secret.Base64Url(24);
        await store.PutAsync(realm.Id, Kind, $"{provider.Alias} {state}", $"{left.ClientId}\n{left.RedirectUri}", time.GetUtcNow().AddMinutes(Minutes).ToUnixTimeMilliseconds(), ct);
        return state;
    }

    /// <summary>What was kept under a state, once; null when nothing was.</summary>
    public async ValueTask<LeftFor?> TakeAsync(Realm realm, string alias, string state, CancellationToken ct = default) =>
        state.Length is > 0 and <= 128 && await store.TakeAsync(realm.Id, Kind, $"{alias} {state}", ct) is { } kept && kept.Split('\n', 2) is [var client, var address]
            ? new LeftFor(address.Length == 0 ? null : address, client.Length == 0 ? null : client) : null;

    /// <summary>Tells a provider that takes it without a browser. One that does not answer changes nothing.</summary>
    /// <param name="issuer">The realm's address.</param>
    public async ValueTask TellAsync(Realm realm, UserSession session, string issuer, CancellationToken ct = default)
    {
        if (IdentityProviders.Of(realm).FindEnabled(session.Notes.GetValueOrDefault(Login.LoginNotes.IdentityProvider)) is not { } provider || !provider.Flag("backchannelSupported"))
        {
            return;
        }

        if (provider.IsSaml)
        {
            if (SamlLogouts.Begin(new(realm, provider, issuer), session, SamlBinding.Post, session.Id, time.GetUtcNow()) is { } request)
            {
                await fetch.PostFormAsync(
                    request.Address, [new(RedirectBinding.Request, Convert.ToBase64String(request.Message.ToBytes())), new(RedirectBinding.RelayState, request.RelayState)], ct);
            }
        }
        else if (provider.LogoutUrl is not null && session.Notes.ContainsKey(Login.LoginNotes.FederatedIdToken))
        {
            await fetch.SendAsync(new FetchRequest(Address(provider, session, Secret.Base64Url(16), null), Accept: "*/*"), ct);
        }
    }

    private static string Address(IdentityProvider provider, UserSession session, string state, string? returnTo)
    {
        var query = new List<string> { $"state={state}" };
        void Add(string name, string? value)
        {
            if (value is { Length: > 0 })
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        Add("id_token_hint", provider.Setting("sendIdTokenOnLogout") == "false" ? null : session.Notes.GetValueOrDefault(Login.LoginNotes.FederatedIdToken));
        Add("client_id", provider.Flag("sendClientIdOnLogout") ? provider.ClientId : null);
        Add("post_logout_redirect_uri", returnTo);
        var url = provider.LogoutUrl!;
        return $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{string.Join('&', query)}";
    }
}
