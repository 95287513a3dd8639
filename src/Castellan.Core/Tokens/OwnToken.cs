using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Tokens;

/// <summary>A token that a realm signed itself, read. That it is signed says nothing yet of whether it still counts: see <see cref="AccessTokens"/>.</summary>
public sealed record OwnToken
{
    /// <summary>The claim of a refresh token, or of a lightweight access token, that says which clients it is narrowed to.</summary>
    public const string NarrowedTo = "req-aud";

    public string? Id { get; init; }

    /// <summary>Bearer, DPoP, Refresh, Offline, ID, …</summary>
    public string? Type { get; init; }

    public string? Issuer { get; init; }

    public string? Subject { get; init; }

    public string? SessionId { get; init; }

    public string? AuthorizedParty { get; init; }

    public string? Scope { get; init; }

    public string? Nonce { get; init; }

    public string? ReuseId { get; init; }

    /// <summary>How the client of a registration access token came to be registered.</summary>
    public string? RegistrationAuth { get; init; }

    public long? Expires { get; init; }

    public long? IssuedAt { get; init; }

    public long? NotBefore { get; init; }

    /// <summary>The level of the sign-in, by its name or number.</summary>
    public string? Acr { get; init; }

    public long? AuthTime { get; init; }

    public IReadOnlyList<string> Audience { get; init; } = [];

    /// <summary>The clients in <see cref="NarrowedTo"/>; null where there is no such claim.</summary>
    public IReadOnlyList<string>? RequestedAudience { get; init; }

    /// <summary>The claim <c>cnf</c> as it stands.</summary>
    public JsonElement? Confirmation { get; init; }

    /// <summary>The claim <c>authorization</c> of a requesting party token as it stands.</summary>
    public JsonElement? Authorization { get; init; }

    /// <summary>What was last answered about it.</summary>
    public TokenAnswers Answers { get; } = new();

    /// <summary>The key that must be proved with each use (RFC 9449).</summary>
    public string? Jkt => Confirmation is { ValueKind: JsonValueKind.Object } cnf && cnf.TryGetProperty("jkt", out var jkt) ? jkt.GetString() : null;

    /// <summary>The certificate that must be shown with each use (RFC 8705).</summary>
    public string? X5tS256 => Confirmation is { ValueKind: JsonValueKind.Object } cnf && cnf.TryGetProperty("x5t#S256", out var x5t) ? x5t.GetString() : null;

    /// <summary>Whether it is an access token that carries little, as its id says.</summary>
    public bool IsLightweight => IsAccessToken && Id is [_, _, 'l', 't', _, _, ':', ..];

    /// <summary>Whether its session is an offline one, as its type or its id says; null when neither does.</summary>
    public bool? IsOffline => Type switch
    {
        "Offline" => true,
        "Refresh" => false,
        _ => Id switch
        {
            ['o', 'f', _, _, _, _, ':', ..] or ['f', 't', _, _, _, _, ':', ..] => true,
            ['o', 'n', _, _, _, _, ':', ..] or ['n', 't', _, _, _, _, ':', ..] => false,
            _ => null,
        },
    };

    /// <summary>
    /// Whether its client takes part in the session for this token alone, as its id says. Of a requesting party token that is the resource server; its own
    /// client was there before, and has to be there still.
    /// </summary>
    public bool PassingClient => Id is [('n' or 'f'), 't', _, _, _, _, ':', ..] and not [_, _, _, _, 'n', 'a', ':', ..];

    /// <summary>The two letters for the grant of a token that comes of this one: it is for whom this one is for.</summary>
    public string GrantCodeAfter => IsExchanged ? "te" : IsForAnother ? "ag" : "na";

    /// <summary>Whether it was given for another token (RFC 8693), as its id says.</summary>
    public bool IsExchanged => Id is [_, _, _, _, 't', 'e', ':', ..];

    /// <summary>Whether it is for whom somebody else's token named: never for its own client, then.</summary>
    public bool IsForAnother => IsExchanged || Id is [_, _, _, _, 'a', 'g', ':', ..];

    /// <summary>Whether it is a token for APIs.</summary>
    public bool IsAccessToken => Type is "DPoP" || string.Equals(Type, "Bearer", StringComparison.OrdinalIgnoreCase);

    public bool IsRefreshToken => Type is "Refresh" or "Offline";

    /// <summary>Whether its own times allow its use now (RFC 7519 §4.1.4, §4.1.5).</summary>
    public bool IsActive(long nowSeconds) => (Expires is null || nowSeconds < Expires) && (NotBefore is null || nowSeconds >= NotBefore);

    /// <summary>Whether it is older than what a realm, client or person revoked.</summary>
    /// <param name="notBefore">Seconds since 1970; null or 0 where nothing was.</param>
    public bool IsBefore(int? notBefore) => Revocation.IsBefore(IssuedAt, notBefore);

    /// <summary>Whether it is older than its session, by more than the second that clocks may be apart.</summary>
    public bool IsBefore(UserSession session) => IssuedAt + 1 < session.Started / 1000;

    /// <summary>
    /// Whether it is older than its client's part of the session, by more than the second that clocks may be apart: whoever was taken out of a session and
    /// came back does not get back what was taken away.
    /// </summary>
    public bool IsBefore(ClientSession part) => IssuedAt + 1 < part.Started / 1000;

    /// <summary>Reads a token of this realm; null when the realm did not sign it, under this key and this algorithm, for this issuer.</summary>
    public static OwnToken? Read(Realm realm, string token, string issuer)
    {
        var read = realm.Compiled(static r => new Verified(r)).Read(token);
        return read?.Issuer == issuer ? read : null;
    }

    /// <summary>The same for a token that is used once, as refresh tokens mostly are: it is not kept for the next time.</summary>
    public static OwnToken? ReadOnce(Realm realm, string token, string issuer) =>
        token.Length <= Jws.DefaultMaxLength && Verify(realm, token) is { } read && read.Issuer == issuer ? read : null;

    private static OwnToken? Verify(Realm realm, string token)
    {
        if (Jws.TryParse(token, out var jws) != JoseFault.None || KeyRing.Of(realm).Verification.Verify(jws!) != JoseFault.None)
        {
            return null;
        }

        using var claims = jws!.Claims();
        if (claims is null)
        {
            return null;
        }

        return new OwnToken
        {
            Id = claims.Text("jti"),
            Type = claims.Text("typ"),
            Issuer = claims.Text("iss"),
            Subject = claims.Text("sub"),
            SessionId = claims.Text("sid"),
            AuthorizedParty = claims.Text("azp"),
            Scope = claims.Text("scope"),
            Nonce = claims.Text("nonce"),
            ReuseId = claims.Text("reuse_id"),
            RegistrationAuth = claims.Text("registration_auth"),
            Expires = claims.Seconds("exp"),
            IssuedAt = claims.Seconds("iat"),
            NotBefore = claims.Seconds("nbf"),
            Acr = claims.Text("acr"),
            AuthTime = claims.Seconds("auth_time"),
            Audience = claims.Texts("aud") ?? [],
            RequestedAudience = claims.Root.TryGetProperty(NarrowedTo, out _) ? claims.Texts(NarrowedTo) ?? [] : null,
            Confirmation = claims.Root.TryGetProperty("cnf", out var cnf) ? cnf.Clone() : null,
            Authorization = claims.Root.TryGetProperty("authorization", out var authorization) ? authorization.Clone() : null,
        };
    }

    /// <summary>
    /// Tokens whose signature was checked already, by the hash of the whole token. They belong to one picture of the realm: when a key goes, so do they.
    /// </summary>
    private sealed class Verified(Realm realm)
    {
        private const int Max = 5_000;

        /// <summary>A longer one, which is full of permissions, is verified each time: thousands of them would be hundreds of megabytes.</summary>
        private const int LongestKept = 8 * 1024;

        private readonly ConcurrentDictionary<Key, OwnToken> _byHash = new();
        private int _count;

        public OwnToken? Read(string token)
        {
            if (token.Length > Jws.DefaultMaxLength)
            {
                return null;
            }

            if (token.Length > LongestKept)
            {
                return Verify(realm, token);
            }

            Span<byte> hash = stackalloc byte[32];
            SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
            var key = new Key(BitConverter.ToUInt128(hash), BitConverter.ToUInt128(hash[16..]));
            if (_byHash.TryGetValue(key, out var known))
            {
                return known;
            }

            if (Verify(realm, token) is not { } read)
            {
                return null;
            }

            if (Interlocked.Increment(ref _count) > Max)
            {
                _byHash.Clear();
                _count = 0;
            }

            _byHash.TryAdd(key, read);
            return read;
        }

        private readonly record struct Key(UInt128 Low, UInt128 High);
    }
}
