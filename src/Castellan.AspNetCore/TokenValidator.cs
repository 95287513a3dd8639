using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Castellan.Protocol.Jose;
using Microsoft.Extensions.Logging;

namespace Castellan.AspNetCore;

/// <summary>What became of a token: good, refused and why, or not to be told for now.</summary>
internal readonly record struct Verdict(AccessToken? Token, string? Refusal)
{
    /// <summary>The realm cannot be reached and was never reached before.</summary>
    public bool IsUnavailable => Token is null && Refusal is null;

    public static Verdict Good(AccessToken token) => new(token, null);

    public static Verdict Refused(string reason) => new(null, reason);

    public static Verdict Unavailable => default;
}

/// <summary>One policy: which tokens the scheme takes. All checks are here, in their order.</summary>
internal sealed class TokenValidator
{
    private const int LongestToken = 64 * 1024;
    private const int OnStack = 4096;

    // Clocks differ by a second or so even where nobody wants to know of it; a token must not fail for being fresh.
    private const int FreshSeconds = 5;

    private readonly CastellanOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TokenCache _cache;
    private readonly Introspector? _introspector;

    public TokenValidator(CastellanOptions options, TimeProvider time, ILogger log)
    {
        (_options, _time, _log) = (options, time, log);
        _cache = new TokenCache(options.CachedTokens);
        var http = new HttpClient(options.BackchannelHandler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            Timeout = TimeSpan.FromSeconds(10),
            MaxResponseContentBufferSize = JwkSet.MaxLength,
        };
        Realms = [.. options.Issuers.Select(issuer => new Realm(issuer, options, http, time, log))];
        _introspector = options.Introspection is null ? null : new Introspector(options.Introspection, http, log);
    }

    public IReadOnlyList<Realm> Realms { get; }

    /// <summary>Judges a token; answers at once when it was judged before.</summary>
    public ValueTask<Verdict> ValidateAsync(ReadOnlySpan<char> token, CancellationToken ct)
    {
        if (token.Length > LongestToken)
        {
            return Refuse("The token is too long");
        }

        byte[]? rented = null;
        var ascii = token.Length <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(token.Length);
        try
        {
            if (Ascii.FromUtf16(token, ascii, out var length) != OperationStatus.Done)
            {
                return Refuse("The token is malformed");
            }

            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(ascii[..length], hash);
            if (_cache.Find(hash, _time.GetUtcNow().ToUnixTimeMilliseconds()) is { } known)
            {
                return new(Verdict.Good(known.Token));
            }

            return CheckAsync(ascii[..length].ToArray(), hash.ToArray(), ct);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private async ValueTask<Verdict> CheckAsync(byte[] token, byte[] hash, CancellationToken ct)
    {
        var parsed = Jws.TryParse(token.AsMemory(), out var jws, maxLength: LongestToken);
        if (parsed != JoseFault.None)
        {
            return Refused(Describe(parsed));
        }

        using var claims = jws!.Claims();
        if (claims is null)
        {
            return Refused("The token is malformed");
        }

        // The issuer is believed only after the signature; before that it merely says whose keys to try.
        var issuer = claims.Text("iss");
        if (Realms.FirstOrDefault(realm => realm.Issuer == issuer) is not { } realm)
        {
            return Refused("The token is of another issuer");
        }

        return _introspector is null
            ? await CheckSignatureAsync(realm, jws, claims, hash, ct)
            : await AskAsync(realm, token, jws, hash, ct);
    }

    private async ValueTask<Verdict> CheckSignatureAsync(Realm realm, Jws jws, JwtClaims claims, byte[] hash, CancellationToken ct)
    {
        if (await realm.GetAsync(ct) is not { } keys)
        {
            return Verdict.Unavailable;
        }

        var fault = keys.Keys.Verify(jws);
        if (fault == JoseFault.UnknownKey && await realm.GetAgainAsync(ct) is { } newer)
        {
            keys = newer;
            fault = keys.Keys.Verify(jws);
        }

        if (fault != JoseFault.None)
        {
            return Refused(Describe(fault));
        }

        if (CheckClaims(realm, jws.Header.Typ, claims) is { } refusal)
        {
            return Refused(refusal);
        }

        var token = AccessToken.From(jws.Payload, claims.Root);
        _cache.Add(new(hash, token, Expiry(claims), realm, keys.Generation));
        return Verdict.Good(token);
    }

    private async ValueTask<Verdict> AskAsync(Realm realm, byte[] token, Jws jws, byte[] hash, CancellationToken ct)
    {
        if (await realm.GetAsync(ct) is not { Introspection: { } endpoint } snapshot)
        {
            return Verdict.Unavailable;
        }

        // What is plainly forged need not be asked about. A token whose key is not published (HMAC) can only be asked about.
        if (snapshot.Keys.Verify(jws) == JoseFault.BadSignature)
        {
            return Refused(Describe(JoseFault.BadSignature));
        }

        var asked = _time.GetUtcNow().ToUnixTimeMilliseconds();
        if (await _introspector!.AskAsync(realm, endpoint, token, ct) is not { } answer)
        {
            return Verdict.Unavailable;
        }

        using var claims = JwtClaims.TryParse(answer);
        if (claims is null || !claims.Root.TryGetProperty("active", out var active) || active.ValueKind != System.Text.Json.JsonValueKind.True)
        {
            return Refused("The token is not active");
        }

        // The answer speaks of the token's claims; which header it had is known from the token itself.
        if (CheckClaims(realm, jws.Header.Typ, claims) is { } refusal)
        {
            return Refused(refusal);
        }

        var good = AccessToken.From(answer, claims.Root);
        var until = Math.Min(Expiry(claims), asked + (long)_options.Introspection!.CacheFor.TotalMilliseconds);
        _cache.Add(new(hash, good, until, realm, snapshot.Generation));
        return Verdict.Good(good);
    }

    private string? CheckClaims(Realm realm, string? headerType, JwtClaims claims)
    {
        var isAccessToken = headerType is not null && (headerType.Equals("at+jwt", StringComparison.OrdinalIgnoreCase) || headerType.Equals("application/at+jwt", StringComparison.OrdinalIgnoreCase));
        if (!isAccessToken && headerType is not null && !headerType.Equals("JWT", StringComparison.OrdinalIgnoreCase))
        {
            return "The token is no access token"; // logout+jwt, dpop+jwt, token-introspection+jwt, …
        }

        if (claims.Has("typ") ? !string.Equals(claims.Text("typ"), "Bearer", StringComparison.OrdinalIgnoreCase) : _options.RequireTokenType && !isAccessToken)
        {
            // ID, Refresh, Offline, Logout tokens are signed with the same keys; so are those of DPoP, which have cnf as well.
            return claims.Text("typ") == "DPoP" ? Bound : "The token is no access token";
        }

        // RFC 9449 §7.1, RFC 8705 §3: a token bound to a key is nothing without proof of that key, which this scheme does not take.
        if (claims.Root.TryGetProperty("cnf", out var confirmation) && confirmation.ValueKind != System.Text.Json.JsonValueKind.Null)
        {
            return Bound;
        }

        if (claims.Text("iss") != realm.Issuer)
        {
            return "The token is of another issuer";
        }

        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        if (claims.Seconds("exp") is null || now >= Expiry(claims))
        {
            return "The token has expired";
        }

        if (claims.Has("nbf") && (claims.Seconds("nbf") is not { } from || from > (now + (long)_options.ClockSkew.TotalMilliseconds) / 1000 + FreshSeconds))
        {
            return "The token is not valid yet";
        }

        return realm.Audiences.Any(claims.HasAudience) ? null : "The token is for another audience";
    }

    private const string Bound = "The token is bound to a key and is no bearer token";

    // RFC 7519 §4.1.4: from this instant on it is refused.
    private long Expiry(JwtClaims claims) =>
        claims.Seconds("exp") is { } seconds ? (Math.Clamp(seconds, 0, 253_402_300_799) * 1000) + (long)_options.ClockSkew.TotalMilliseconds : 0;

    private Verdict Refused(string reason)
    {
        Log.TokenRefused(_log, reason);
        return Verdict.Refused(reason);
    }

    private ValueTask<Verdict> Refuse(string reason) => new(Refused(reason));

    private static string Describe(JoseFault fault) => fault switch
    {
        JoseFault.TooLong => "The token is too long",
        JoseFault.UnknownKey => "The token is signed with an unknown key",
        JoseFault.UnknownAlgorithm or JoseFault.AlgorithmMismatch => "The token is signed with an algorithm that its key is not for",
        JoseFault.UnknownCritical => "The token demands something that is not understood",
        JoseFault.BadSignature => "The token's signature is wrong",
        _ => "The token is malformed",
    };
}
