using Castellan.Core.Clients;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Protocol.Messages;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Oidc;

/// <summary>
/// Logout by a client that holds a refresh token: the half of the logout endpoint that no browser visits. Whoever answers the endpoint hands a POST over
/// whose form has <c>refresh_token</c>.
/// </summary>
internal sealed class RefreshTokenLogout(
    ServerUrls urls, IClientAuthentication authentication, DPoPProofs proofs, ISessions sessions, SessionEnding ending, IEvents events)
{
    /// <summary>The same, for a form that was read already.</summary>
    public Task HandleAsync(HttpContext http, Realm realm, IFormCollection form) =>
        AnswerAsync(http, realm, new Form(form.SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key, v ?? "")))));

    public async Task AnswerAsync(HttpContext http, Realm realm, Form form)
    {
        var ct = http.RequestAborted;
        var address = urls.Issuer(http, realm);
        if (OidcRoutes.CheckRealm(http, realm, address) is { } closed)
        {
            Cors.AllowAny(http);
            await OAuthResults.ErrorAsync(http, realm, closed);
            return;
        }

        var happened = OidcRoutes.Event(http, EventTypes.Logout);
        if (!(await authentication.AuthenticateAsync(OidcRoutes.Proof(http, realm, form, urls, happened, ClientEndpoint.Logout), ct)).Ok(out var client, out var error))
        {
            Cors.AllowAny(http);
            await events.RecordAsync(realm, happened, ct);
            await OAuthResults.ErrorAsync(http, realm, error);
            return;
        }

        if (!Cors.AllowClient(http, client.Client))
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status403Forbidden, "Invalid origin", realm);
            return;
        }

        if (client.Client.IsBearerOnly)
        {
            await events.RecordAsync(realm, happened.Failed("invalid_client"), ct);
            await OAuthResults.ErrorAsync(http, realm, new("invalid_client", "Bearer-only not allowed"));
            return;
        }

        // One that has expired still says which session is meant.
        var token = OwnToken.Read(realm, form["refresh_token"] ?? "", address) is { IsRefreshToken: true, SessionId: not null } read ? read : null;
        if (token is null || token.AuthorizedParty != client.Client.ClientId)
        {
            await RefuseAsync(http, realm, happened, token is null ? "Invalid refresh token" : "Invalid refresh token. Token client and authorized client don't match");
            return;
        }

        if ((client.Client.BindsToCertificates || token.X5tS256 is not null) && (token.X5tS256 is null || token.X5tS256 != OidcRoutes.CertificateThumbprint(http)))
        {
            const string Unshown = "Client certificate missing, or its thumbprint and one in the refresh token did NOT match";
            await events.RecordAsync(realm, happened.With("reason", Unshown).Failed("not_allowed"), ct);
            await OAuthResults.ErrorAsync(http, realm, new("unauthorized_client", Unshown, 401));
            return;
        }

        if (await UnprovedAsync(http, realm, token, $"{address}{OidcRoutes.Protocol}/logout") is { } unproved)
        {
            await RefuseAsync(http, realm, happened, unproved);
            return;
        }

        var (sid, offline) = (token.SessionId!, token.Type == "Offline");
        if (await sessions.FindAsync(realm.Id, sid, offline, ct) is { } session)
        {
            if (token.IsBefore(session))
            {
                await RefuseAsync(http, realm, happened, "Toked issued before the user session started");
                return;
            }

            await ending.EndAsync(realm, session, address, ct);

            // The sign-in that an offline session came of ends with it.
            if (offline && await sessions.FindAsync(realm.Id, sid, ct: ct) is { } online)
            {
                await ending.EndAsync(realm, online, address, ct);
            }

            (happened.SessionId, happened.UserId) = (sid, session.UserId);
            await events.RecordAsync(realm, happened, ct);
        }

        http.Response.Headers.CacheControl = "no-cache";
        await OAuthResults.EmptyAsync(http, realm, StatusCodes.Status204NoContent);
    }

    /// <summary>Why a token that is bound to a key is not its bearer's to use; null where it is, or is bound to none.</summary>
    private async ValueTask<string?> UnprovedAsync(HttpContext http, Realm realm, OwnToken token, string url) =>
        token.Jkt is not { } jkt ? null
        : !(await proofs.CheckAsync(http, realm, url, null, http.RequestAborted)).Ok(out var key, out var error) ? error.Description
        : key.Value == jkt ? null
        : "DPoP confirmation doesn't match DPoP proof";

    private async Task RefuseAsync(HttpContext http, Realm realm, LoginEvent happened, string reason)
    {
        await events.RecordAsync(realm, happened.With("reason", reason).Failed("invalid_token"), http.RequestAborted);
        await OAuthResults.ErrorAsync(http, realm, new("invalid_grant", reason));
    }
}
