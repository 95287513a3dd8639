using Castellan.Core.Clients;
using Castellan.Core.Mappers;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Logout;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Sessions;

/// <summary>Ends sessions so that their clients hear of it (OpenID Connect Back-Channel Logout 1.0). Whoever ends a session ends it here.</summary>
public sealed class SessionEnding(ISessions sessions, IClients clients, Keys.Keys keys, IFetch fetch, Brokering.UpstreamLogout upstream, LogoutBehind providers, TimeProvider time)
{
    private const int TokenSeconds = 120;
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    /// <summary>
    /// Ends a session and tells its clients, all at once and no longer than a fetch may take. A client that does not answer changes nothing. False when
    /// the session was gone already; then nobody is told.
    /// </summary>
    /// <param name="issuer">The realm's issuer as the clients know it.</param>
    public ValueTask<bool> EndAsync(Realm realm, UserSession session, string issuer, CancellationToken ct = default) => EndAsync(realm, session, issuer, tellProvider: true, ct);

    /// <summary>Ends a session and tells its clients.</summary>
    /// <param name="inBrowser">The ids of the clients that hear of it in the browser.</param>
    public ValueTask<bool> EndAsync(Realm realm, UserSession session, string issuer, IReadOnlyCollection<string> inBrowser, CancellationToken ct = default) =>
        EndAsync(realm, session, issuer, tellProvider: true, inBrowser, ct);

    /// <summary>Ends a session and tells its clients.</summary>
    /// <param name="tellProvider">Whether an identity provider that the session came by hears of it too; not when it was the one who said so.</param>
    public ValueTask<bool> EndAsync(Realm realm, UserSession session, string issuer, bool tellProvider, CancellationToken ct = default) =>
        EndAsync(realm, session, issuer, tellProvider, [], ct);

    private async ValueTask<bool> EndAsync(Realm realm, UserSession session, string issuer, bool tellProvider, IReadOnlyCollection<string> inBrowser, CancellationToken ct)
    {
        if (!await sessions.DeleteAsync(realm.Id, session.Id, session.Offline, ct))
        {
            return false;
        }

        await TellAsync(realm, session, issuer, tellProvider, inBrowser, ct);
        return true;
    }

    /// <summary>Tells the clients of a session that was ended already, and the identity provider that it came by.</summary>
    public ValueTask TellAsync(Realm realm, UserSession session, string issuer, CancellationToken ct = default) => TellAsync(realm, session, issuer, tellProvider: true, [], ct);

    /// <summary>Tells one client that its part of a session ended; the session lives on for others.</summary>
    public ValueTask TellAsync(Realm realm, UserSession session, ClientSession part, string issuer, CancellationToken ct = default) =>
        TellAsync(realm, session with { Clients = [part] }, issuer, tellProvider: false, [], ct);

    private async ValueTask TellAsync(Realm realm, UserSession session, string issuer, bool tellProvider, IReadOnlyCollection<string> inBrowser, CancellationToken ct)
    {
        var told = new List<Task>();
        if (tellProvider && !session.Offline)
        {
            told.Add(upstream.TellAsync(realm, session, issuer, ct).AsTask());
        }

        foreach (var part in session.Clients)
        {
            // A client hears in one way: whom the browser tells is not told behind it.
            if (inBrowser.Contains(part.ClientId) || await clients.FindByIdAsync(realm, part.ClientId, ct) is not { Enabled: true } client)
            {
                continue;
            }

            if (LogoutBehind.Hears(client))
            {
                told.Add(providers.TellAsync(realm, client, part, issuer, ct).AsTask());
            }
            else if (client.Attribute("backchannel.logout.url") is { } url)
            {
                told.Add(TellAsync(realm, session, client, Absolute(client, url), issuer, ct).AsTask());
            }
        }

        await Task.WhenAll(told);
    }

    /// <summary>The logout token for one client (§2.4).</summary>
    public async ValueTask<string> LogoutTokenAsync(Realm realm, UserSession session, Client client, string issuer, CancellationToken ct)
    {
        var key = await keys.SigningAsync(realm, client, "id.token.signed.response.alg", ct);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        using var jwt = JwtBuffer.Rent();
        var json = jwt.Json;
        json.WriteStartObject();
        json.WriteNumber("iat", now);
        json.WriteNumber("exp", now + TokenSeconds);
        json.WriteString("jti", Ids.New());
        json.WriteString("iss", issuer);
        json.WriteString("aud", client.ClientId);
        json.WriteString("sub", PairwiseSubjectMapper.Subject(client, session.UserId) ?? session.UserId);
        json.WriteString("typ", "Logout");
        if (client.Flag("backchannel.logout.session.required"))
        {
            json.WriteString("sid", session.Id);
        }

        json.WriteStartObject("events");
        json.WriteStartObject(Event);
        json.WriteEndObject();
        if (client.Flag("backchannel.logout.revoke.offline.tokens"))
        {
            json.WriteBoolean("revoke_offline_access", true);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        return jwt.Sign(key, "logout+jwt");
    }

    /// <summary>The front-channel logout address of a client with what it wants to know (OpenID Connect Front-Channel Logout §3), or null.</summary>
    public static string? FrontChannelUrl(Client client, UserSession session, string issuer)
    {
        if (!(client.Representation.FrontchannelLogout ?? false) || client.Attribute("frontchannel.logout.url") is not { } url)
        {
            return null;
        }

        url = Absolute(client, url);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            // It becomes the address of a frame in our own page: a program there would be ours.
            return null;
        }

        return client.Attribute("frontchannel.logout.session.required") is null or "true"
            ? $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}sid={Uri.EscapeDataString(session.Id)}&iss={Uri.EscapeDataString(issuer)}"
            : url;
    }

    private async ValueTask TellAsync(Realm realm, UserSession session, Client client, string url, string issuer, CancellationToken ct) =>
        await fetch.PostFormAsync(url, [new("logout_token", await LogoutTokenAsync(realm, session, client, issuer, ct))], ct);

    private static string Absolute(Client client, string url) =>
        url.StartsWith('/') && client.Representation.RootUrl is { Length: > 0 } root ? root.TrimEnd('/') + url : url;
}
