using System.Text.Json;
using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Mail;

/// <summary>Why a link is not followed.</summary>
public enum ActionTokenFault
{
    None, Malformed, Signature, Expired,
}

/// <summary>Action tokens: JWTs under the realm's own secret, so that nothing need be stored before they are used.</summary>
public sealed class ActionTokens(Keys.Keys keys, IOneUse used, TimeProvider time)
{
    private const int MaxLength = 8192;

    /// <summary>Writes a token.</summary>
    public async ValueTask<string> IssueAsync(Realm realm, ActionToken token, string issuer, CancellationToken ct = default)
    {
        var key = await keys.SigningAsync(realm, "HS512", ct) ?? throw new InvalidOperationException("The realm has no secret key.");
        using var jwt = JwtBuffer.Rent();
        var json = jwt.Json;
        json.WriteStartObject();
        json.WriteNumber("exp", token.Expires);
        json.WriteNumber("iat", time.GetUtcNow().ToUnixTimeSeconds());
        json.WriteString("jti", Ids.New());
        json.WriteString("iss", issuer);
        json.WriteString("aud", issuer);
        Text(json, "sub", token.UserId.Length == 0 ? null : token.UserId);
        json.WriteString("typ", token.Type);
        json.WriteString("nonce", token.Nonce);
        Text(json, "azp", token.Client);
        Text(json, "eml", token.Email);
        Text(json, "reduri", token.RedirectUri);
        Text(json, "asid", token.SignIn);
        Text(json, "oasid", token.AskedBy);
        Text(json, "pwd", token.PasswordOf);
        Text(json, "newEmail", token.NewEmail);
        Text(json, "org_id", token.Organization);
        Text(json, "idpa", token.IdentityProvider);
        Text(json, "idpu", token.IdentityProviderUser);
        Text(json, "idph", token.IdentityProviderAccount);
        if (token.LogoutSessions)
        {
            json.WriteBoolean("logoutSessions", true);
        }

        if (token.Type == ActionTypes.ExecuteActions)
        {
            json.WriteStartArray("rqac");
            foreach (var action in token.Actions)
            {
                json.WriteStringValue(action);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        return jwt.Sign(key);
    }

    /// <summary>Reads a token. One that has run out, or that nobody here signed, is handed out with its fault: it says what it would have been.</summary>
    public async ValueTask<(ActionToken? Token, ActionTokenFault Fault)> ReadAsync(Realm realm, string text, string issuer, CancellationToken ct = default)
    {
        if (Jws.TryParse(text, out var jws, maxLength: MaxLength) != JoseFault.None || jws is null)
        {
            return (null, ActionTokenFault.Malformed);
        }

        // Only the realm's secret signs action tokens; what a public key verifies is something else.
        await keys.SigningAsync(realm, "HS512", ct);
        var signed = jws.Header.Alg is "HS512" && Core.Keys.KeyRing.Of(realm).Verification.Verify(jws) == JoseFault.None;

        using var claims = jws.Claims();
        if (claims?.Text("typ") is not { } type || claims.Text("iss") != issuer || !claims.HasAudience(issuer) || (claims.Text("sub") ?? (type == ActionTypes.Invitation ? "" : null)) is not { } sub
            || claims.Seconds("exp") is not { } exp || claims.Text("nonce") is not { } nonce)
        {
            return (null, ActionTokenFault.Malformed);
        }

        if (!signed && (sub.Length > 255 || sub.Any(char.IsControl)))
        {
            // What a stranger wrote stands in an event only where it could name somebody.
            return (null, ActionTokenFault.Malformed);
        }

        var token = new ActionToken(type, sub, claims.Text("eml"), exp)
        {
            Nonce = nonce, Client = claims.Text("azp"), RedirectUri = claims.Text("reduri"), Actions = claims.Texts("rqac") ?? [], SignIn = claims.Text("asid"),
            AskedBy = claims.Text("oasid"), PasswordOf = claims.Text("pwd"), NewEmail = claims.Text("newEmail"), Organization = claims.Text("org_id"),
            IdentityProvider = claims.Text("idpa"), IdentityProviderUser = claims.Text("idpu"), IdentityProviderAccount = claims.Text("idph"),
            LogoutSessions = claims.Root.TryGetProperty("logoutSessions", out var logout) && logout.ValueKind == JsonValueKind.True,
        };
        return (token, !signed ? ActionTokenFault.Signature : exp <= time.GetUtcNow().ToUnixTimeSeconds() ? ActionTokenFault.Expired : ActionTokenFault.None);
    }

    /// <summary>Whether the token was used already.</summary>
    public async ValueTask<bool> IsTakenAsync(Realm realm, ActionToken token, CancellationToken ct = default) =>
        await used.FindAsync(realm.Id, OneUseKinds.ActionToken, Key(token.Type, token.Nonce), ct) is not null;

    /// <summary>Takes the token. Of any number of callers exactly one gets true.</summary>
    public ValueTask<bool> TakeAsync(Realm realm, ActionToken token, CancellationToken ct = default) => TakeAsync(realm, Note(token), ct);

    /// <summary>What a sign-in remembers of the token that it goes by, until it takes it.</summary>
    public static string Note(ActionToken token) => $"{token.Expires} {Key(token.Type, token.Nonce)}";

    /// <summary>Takes the token that a note of <see cref="Note"/> names.</summary>
    public async ValueTask<bool> TakeAsync(Realm realm, string note, CancellationToken ct = default)
    {
        var space = note.IndexOf(' ', StringComparison.Ordinal);
        // Kept as long as a sign-in that began in time may still post it.
        var expires = (long.Parse(note.AsSpan(0, space)) + Login.PageLifespans.Longest(realm) + 60) * 1000;
        return await used.TryAddAsync(realm.Id, OneUseKinds.ActionToken, note[(space + 1)..], expires, ct);
    }

    private static string Key(string type, string nonce) => $"{type}.{nonce}";

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
