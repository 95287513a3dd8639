using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Castellan.Core;
using Castellan.Core.Keys;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Protocol.Jose;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Login;

/// <summary>Whom the cookie of a browser that is signed in names.</summary>
/// <param name="IssuedAt">Seconds since 1970.</param>
/// <param name="StateChecker">The value that account pages post along.</param>
public readonly record struct BrowserIdentity(string SessionId, string UserId, long IssuedAt, string? StateChecker);

/// <summary>
/// The cookies of a sign-in, by Keycloak's names. What a browser brings back is believed only under the realm's own key; each kind is signed or
/// sealed for its own purpose, so that none passes for another.
/// </summary>
public sealed class LoginCookies(Keys keys, ServerUrls urls, TimeProvider time)
{
    public const string AuthSession = "AUTH_SESSION_ID";
    public const string AuthSessionHash = "KC_AUTH_SESSION_HASH";
    public const string Restart = "KC_RESTART";
    public const string Identity = "KEYCLOAK_IDENTITY";
    public const string Session = "KEYCLOAK_SESSION";
    public const string RememberMe = "KEYCLOAK_REMEMBER_ME";
    public const string StateChecker = "KC_STATE_CHECKER";
    private const string IdentityType = "Serialized-ID";
    private const int RememberSeconds = 31_536_000;

    /// <summary>The id that the tabs of this browser share, if its cookie is ours.</summary>
    public async ValueTask<string?> ReadAuthSessionAsync(HttpContext http, Realm realm)
    {
        if (http.Request.Cookies[AuthSession] is not { Length: > 0 and < 512 } cookie || !TryDecode(cookie, out var text) || text.IndexOf('.', StringComparison.Ordinal) is not (> 0 and var dot))
        {
            return null;
        }

        var id = text[..dot];
        var expected = Mac(await SecretAsync(realm, "auth-session", http.RequestAborted), id);
        return Core.Secret.Equal(text[(dot + 1)..], expected) ? id : null;
    }

    /// <summary>Tells the browser the id that its tabs share.</summary>
    public async ValueTask WriteAuthSessionAsync(HttpContext http, Realm realm, string id, bool withHash = true)
    {
        var mac = Mac(await SecretAsync(realm, "auth-session", http.RequestAborted), id);
        Set(http, realm, AuthSession, Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{id}.{mac}")), httpOnly: true, null);
        if (withHash)
        {
            Set(http, realm, AuthSessionHash, Core.Secret.Hash(id), httpOnly: false, 60);
        }
    }

    /// <summary>Tells the browser a new id in place of one whose tabs are gone, or are none of this sign-in's.</summary>
    public async ValueTask RenewAuthSessionAsync(HttpContext http, Realm realm, string id)
    {
        await WriteAuthSessionAsync(http, realm, id, withHash: false);
        TakeBack(http, realm, AuthSessionHash, "; Secure; SameSite=None");
    }

    /// <summary>What is needed to begin the sign-in anew when it has run out: sealed, for it holds what the client asked.</summary>
    public async ValueTask WriteRestartAsync(HttpContext http, Realm realm, AuthenticationTab tab)
    {
        var plain = JsonSerializer.SerializeToUtf8Bytes(
            new Dictionary<string, string>(tab.ClientNotes) { ["#client"] = tab.ClientId, ["#redirect"] = tab.RedirectUri ?? "" }, LoginJson.Default.DictionaryStringString);
        using var aes = new AesGcm((await SecretAsync(realm, "restart", http.RequestAborted)).AsSpan(0, 32), 16);
        var sealed_ = new byte[12 + 16 + plain.Length];
        RandomNumberGenerator.Fill(sealed_.AsSpan(0, 12));
        aes.Encrypt(sealed_.AsSpan(0, 12), plain, sealed_.AsSpan(28), sealed_.AsSpan(12, 16));
        Set(http, realm, Restart, Base64Url.EncodeToString(sealed_), httpOnly: true, null);
    }

    /// <summary>A tab made from the restart cookie, not stored yet; null when there is none, or it is for another client.</summary>
    public async ValueTask<AuthenticationTab?> ReadRestartAsync(HttpContext http, Realm realm, string rootId)
    {
        if (http.Request.Cookies[Restart] is not { Length: > 38 and < 8192 } cookie)
        {
            return null;
        }

        try
        {
            var sealed_ = Base64Url.DecodeFromChars(cookie);
            using var aes = new AesGcm((await SecretAsync(realm, "restart", http.RequestAborted)).AsSpan(0, 32), 16);
            var plain = new byte[sealed_.Length - 28];
            aes.Decrypt(sealed_.AsSpan(0, 12), sealed_.AsSpan(28), sealed_.AsSpan(12, 16), plain);
            var notes = JsonSerializer.Deserialize(plain, LoginJson.Default.DictionaryStringString)!;
            return notes.Remove("#client", out var client) && notes.Remove("#redirect", out var redirect)
                ? NewTab(realm, rootId, client, redirect.Length == 0 ? null : redirect, notes)
                : null;
        }
        catch (Exception broken) when (broken is FormatException or CryptographicException or JsonException)
        {
            return null;
        }
    }

    /// <summary>A sign-in that begins.</summary>
    /// <param name="tabId">By what the browser knows it, where that is given.</param>
    public AuthenticationTab NewTab(Realm realm, string rootId, string clientId, string? redirectUri, Dictionary<string, string> notes, string? tabId = null)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return new AuthenticationTab
        {
            RealmId = realm.Id, RootId = rootId, TabId = tabId ?? Core.Secret.Base64Url(8), ClientId = clientId, Started = now, Touched = now,
            Expires = now + (1000L * PageLifespans.Longest(realm)), RedirectUri = redirectUri, ClientNotes = notes,
        };
    }

    /// <summary>The browser is signed in: the identity cookie, and the one that session frames compare.</summary>
    public async ValueTask WriteIdentityAsync(HttpContext http, Realm realm, UserSession session, string username)
    {
        var settings = realm.Settings;
        var max = (int)((SessionLifetimes.End(realm, session) - session.Started) / 1000);
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var state = Core.Secret.Base64Url(32);
        using var jwt = JwtBuffer.Rent();
        jwt.Json.WriteStartObject();
        jwt.Json.WriteNumber("exp", (session.Started / 1000) + max);
        jwt.Json.WriteNumber("iat", now);
        jwt.Json.WriteString("jti", Ids.New());
        jwt.Json.WriteString("iss", urls.Issuer(http, realm));
        jwt.Json.WriteString("sub", session.UserId);
        jwt.Json.WriteString("typ", IdentityType);
        jwt.Json.WriteString("sid", session.Id);
        jwt.Json.WriteString("state_checker", state);
        jwt.Json.WriteEndObject();
        var key = await keys.SigningAsync(realm, "HS512", http.RequestAborted) ?? throw new InvalidOperationException("The realm has no key for its cookies.");
        int? lasting = session.RememberMe ? max : null;
        Set(http, realm, Identity, jwt.Sign(key), httpOnly: true, lasting);
        Set(http, realm, Session, Uri.EscapeDataString(Core.Secret.Hash(session.Id)), httpOnly: false, lasting ?? settings.SsoSessionMaxLifespan ?? 36000);
        if (session.RememberMe)
        {
            Set(http, realm, RememberMe, $"username:{Uri.EscapeDataString(username)}", httpOnly: true, RememberSeconds);
        }
        else
        {
            Expire(http, realm, RememberMe);
        }
    }

    /// <summary>What the identity cookie says, when it is ours, has not run out and is not from before the realm's not-before.</summary>
    public async ValueTask<BrowserIdentity?> ReadIdentityAsync(HttpContext http, Realm realm)
    {
        if (http.Request.Cookies[Identity] is not { Length: > 0 and < 4096 } cookie || Jws.TryParse(cookie, out var jws, maxLength: 4096) != JoseFault.None || jws is null)
        {
            return null;
        }

        // Only a secret of the realm's own signs cookies: a token signed with a public key's private half is something else.
        if (!jws.Header.Alg!.StartsWith("HS", StringComparison.Ordinal))
        {
            return null;
        }

        await keys.SigningAsync(realm, "HS512", http.RequestAborted);
        if (KeyRing.Of(realm).Verification.Verify(jws) != JoseFault.None)
        {
            return null;
        }

        using var claims = jws.Claims();
        return claims is not null && claims.Text("typ") == IdentityType && claims.Text("iss") == urls.Issuer(http, realm)
            && claims.Seconds("exp") is { } exp && exp > time.GetUtcNow().ToUnixTimeSeconds() && claims.Seconds("iat") is { } iat && iat >= (realm.Settings.NotBefore ?? 0)
            && claims.Text("sid") is { } sid && claims.Text("sub") is { } sub
            ? new(sid, sub, iat, claims.Text("state_checker"))
            : null;
    }

    /// <summary>The name that this browser remembers, where the realm lets browsers do so.</summary>
    public static string? Remembered(HttpContext http, Realm realm) =>
        (realm.Settings.RememberMe ?? false) && http.Request.Cookies[RememberMe] is { Length: < 1024 } cookie && cookie.StartsWith("username:", StringComparison.Ordinal) ? Uri.UnescapeDataString(cookie["username:".Length..]) : null;

    /// <summary>Takes a cookie back, if the browser has it.</summary>
    public void Expire(HttpContext http, Realm realm, string name)
    {
        var gone = $"{name}=; Version=1; Path={PathOf(http, realm)}; Max-Age=0";
        if (http.Request.Cookies.ContainsKey(name) && !http.Response.Headers.SetCookie.Contains(gone))
        {
            http.Response.Headers.Append("Set-Cookie", gone);
        }
    }

    /// <summary>Keycloak keeps what a page of no sign-in said in a cookie, to say it again in another language. Ours need none: it is taken back.</summary>
    public void ExpireDetached(HttpContext http, Realm realm)
    {
        if (realm.Settings.InternationalizationEnabled ?? false)
        {
            TakeBack(http, realm, StateChecker, "; Secure; HttpOnly; SameSite=Strict");
        }
    }

    /// <summary>Takes a cookie back, whether or not this request brought it along.</summary>
    public void TakeBack(HttpContext http, Realm realm, string name, string flags) =>
        http.Response.Headers.Append("Set-Cookie", $"{name}=-; Version=1; Path={PathOf(http, realm)}; Max-Age=0{flags}");

    /// <summary>Takes back what says that the browser is signed in.</summary>
    public void ExpireIdentity(HttpContext http, Realm realm)
    {
        Expire(http, realm, Identity);
        Expire(http, realm, Session);
    }

    /// <summary>Takes back all that a sign-in gave the browser, also the name that it remembers.</summary>
    public void ExpireSignIn(HttpContext http, Realm realm)
    {
        ExpireIdentity(http, realm);
        Expire(http, realm, RememberMe);
    }

    /// <summary>Whether the browser knows the session, by the cookie that session frames compare.</summary>
    public static bool Knows(HttpContext http, UserSession session) =>
        http.Request.Cookies[Session] is { Length: > 0 } cookie && Core.Secret.Equal(Uri.UnescapeDataString(cookie), Core.Secret.Hash(session.Id));

    public void Set(HttpContext http, Realm realm, string name, string value, bool httpOnly, int? maxAge)
    {
        var cookie = new StringBuilder(name).Append('=').Append(value).Append("; Version=1; Path=").Append(PathOf(http, realm));
        if (maxAge is { } seconds)
        {
            cookie.Append("; Max-Age=").Append(seconds);
        }

        var secure = IsSecureContext(http);
        cookie.Append(secure ? "; Secure" : "").Append(httpOnly ? "; HttpOnly" : "").Append(secure ? "; SameSite=None" : "; SameSite=Lax");
        http.Response.Headers.Append("Set-Cookie", cookie.ToString());
    }

    private string PathOf(HttpContext http, Realm realm) => new Uri(urls.Issuer(http, realm)).AbsolutePath + "/";

    /// <summary>
    /// Browsers count loopback as secure, also over plain HTTP (Secure Contexts §3.1); elsewhere over plain HTTP a secure cookie would be lost. What counts is the
    /// address that the request came by, as trusted proxies tell it, and not the one that the server gives out.
    /// </summary>
    private static bool IsSecureContext(HttpContext http) => http.Request.IsHttps
        || http.Request.Host.Host is "localhost" or "[::1]" || (IPAddress.TryParse(http.Request.Host.Host, out var address) && IPAddress.IsLoopback(address));

    private async ValueTask<byte[]> SecretAsync(Realm realm, string purpose, CancellationToken ct)
    {
        var key = await keys.SigningAsync(realm, "HS512", ct);
        return key?.Key is OctKey secret
            ? HKDF.DeriveKey(HashAlgorithmName.SHA256, secret.Secret.ToArray(), 64, info: Encoding.UTF8.GetBytes($"castellan cookie {purpose}"))
            : throw new InvalidOperationException("The realm has no secret key for its cookies.");
    }

    private static string Mac(byte[] secret, string text) => Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(text)));

    private static bool TryDecode(string cookie, out string text)
    {
        try
        {
            text = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cookie));
            return true;
        }
        catch (FormatException)
        {
            text = "";
            return false;
        }
    }
}
