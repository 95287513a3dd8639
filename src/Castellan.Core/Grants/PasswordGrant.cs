using System.Collections.ObjectModel;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Grants;

/// <summary>Name and password of a person (RFC 6749 §4.3), checked by the realm's direct grant flow.</summary>
public sealed class PasswordGrant(DirectGrant flow, TimeProvider time) : IGrant
{
    public string Type => "password";

    public string EventType => EventTypes.Login;

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        var client = request.Client;
        request.Event.With("auth_method", "oauth_credentials");
        if (client.Representation.DirectAccessGrantsEnabled != true)
        {
            return request.RefuseSaying("not_allowed", "unauthorized_client", "Client not allowed for direct access grants");
        }

        if (client.Representation.ConsentRequired == true)
        {
            return request.RefuseSaying("consent_denied", "invalid_client", "Client requires user consent");
        }

        if (!request.Scopes().Ok(out var scopes, out var error))
        {
            return error;
        }

        request.Event.With("auth_method", "openid-connect"); // from here on it is a sign-in like others
        if (request.Form["username"] is not { } username)
        {
            return request.Refuse("invalid_request", "invalid_request", "Missing parameter: username", 401);
        }

        request.Event.With("username", username); // as it was written
        var form = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in request.Form.Fields)
        {
            form.TryAdd(field.Key, field.Value);
        }

        var proved = await flow.RunAsync(
            request.Realm, client, form, request.Form["scope"],
            new LoginRequest(request.IpAddress, new Uri(request.Issuer).GetLeftPart(UriPartial.Authority), request.Issuer) { Headers = request.Headers },
            request.Event, ct);
        if (!proved.Ok(out var person, out error))
        {
            return error;
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var notes = new Dictionary<string, string>(person.SessionNotes);
        Device.Keep(notes, request.UserAgent);
        var session = AccessTokens.Transient(request.Realm, client, person.User, now, notes);
        var part = session.Clients[0];
        part = part with { Notes = PartNotes(request, person.Level?.ToString()) };

        session = session with { IpAddress = request.IpAddress, LoginUsername = username, Clients = [part] };
        return new GrantOutcome(
            new Grant
            {
                Realm = request.Realm,
                Client = client,
                User = person.User,
                Session = session,
                ClientSession = part,
                Scopes = scopes,
                Issuer = request.Issuer,
                GrantCode = "ro",
            },
            TokenKinds.Access | TokenKinds.Id | TokenKinds.Refresh)
        { IsNewSession = true };
    }

    /// <summary>What the client's part of the session remembers: what was asked for, and the level of the sign-in.</summary>
    private static IReadOnlyDictionary<string, string> PartNotes(TokenRequest request, string? level)
    {
        var scope = request.Form.Value("scope");
        if (scope is null && level is null)
        {
            return ReadOnlyDictionary<string, string>.Empty;
        }

        var notes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (scope is not null)
        {
            notes["scope"] = scope;
        }

        if (level is not null)
        {
            notes[LoginNotes.Level] = level;
        }

        return notes;
    }
}
