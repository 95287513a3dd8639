using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Mappers;
using Castellan.Core.Keys;
using Castellan.Core.Sessions;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Tokens;

/// <summary>Writes tokens, and whatever else the mappers speak of: userinfo and introspection answers.</summary>
public sealed class TokenIssuer(Keys.Keys keys, ResponseEncryption encryption, Organizations.OrganizationMemberships memberships, TimeProvider time)
{
    private const string RefreshAlgorithm = "HS512";

    /// <summary>Issues the tokens of a grant.</summary>
    /// <param name="refreshTokenId">The <c>jti</c> of the refresh token, when it must be known before.</param>
    /// <param name="reuseId">The chain that the refresh token belongs to.</param>
    public async ValueTask<Result<IssuedTokens>> IssueAsync(
        Grant grant, TokenKinds kinds, string? refreshTokenId = null, string? reuseId = null, CancellationToken ct = default)
    {
        var answered = grant.AnsweredScopes is { } wider ? await memberships.CompleteAsync(grant with { Scopes = wider }, ct) : null;
        grant = await memberships.CompleteAsync(grant, ct);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var realm = grant.Realm;
        var client = grant.Client;
        var all = GrantedRoles.Of(realm, grant.User);
        if (grant.Within is { } within)
        {
            all = GrantedRoles.Within(realm, client, within.For(all), all);
        }

        var roles = grant.Scopes.Roles(all);
        var end = SessionLifetimes.AccessTokenEnd(realm, client, grant.Session, grant.ClientSession, grant.Implicit, now);
        if (grant.AccessUntil is { } last && last < end / 1000)
        {
            end = last * 1000;
        }

        var draft = Access(grant, roles, now, end);
        var issued = new IssuedTokens
        {
            AccessTokenId = draft.Claims.Text("jti"),
            ExpiresIn = (end - now + 500) / 1000,
            Audience = draft.Audience,
            Scope = (answered ?? grant).Scopes.Shown,
            NotBeforePolicy = Math.Max(realm.Settings.NotBefore ?? 0, Math.Max(client.Representation.NotBefore ?? 0, grant.User.Representation.NotBefore ?? 0)),
            SessionState = grant.Kind == SessionKind.Transient ? null : grant.Session.Id,
            TokenType = Cased(client, grant.DPoPThumbprint is null ? "Bearer" : "DPoP"),
        };

        byte[]? access = null;
        if (kinds.HasFlag(TokenKinds.Access))
        {
            var key = await SigningAsync(grant, "access.token.signed.response.alg", ct);
            access = Ascii(draft.Claims, key, client.Flag("access.token.header.type.rfc9068") ? "at+jwt" : "JWT");
            issued = issued with { AccessToken = access };
        }

        if (kinds.HasFlag(TokenKinds.Refresh))
        {
            var key = KeyRing.Of(realm).Signing(RefreshAlgorithm) ?? await keys.SigningAsync(realm, RefreshAlgorithm, ct);
            var refreshEnd = SessionLifetimes.RefreshTokenEnd(realm, client, grant.Session, grant.ClientSession, now);
            var claims = Refresh(grant, draft, now, refreshEnd, refreshTokenId ?? Ids.New(), reuseId);
            issued = issued with
            {
                RefreshToken = Ascii(claims, key!, "JWT"),
                RefreshTokenId = claims.Text("jti"),
                RefreshExpiresIn = refreshEnd is { } until ? (until - now + 500) / 1000 : 0,
            };
        }

        if (answered is not null)
        {
            grant = answered;
            roles = answered.Scopes.Roles(all);
        }

        if (kinds.HasFlag(TokenKinds.Id) && grant.IsOpenId)
        {
            var key = await SigningAsync(grant, "id.token.signed.response.alg", ct);
            var encrypted = await encryption.EncryptAsync(client, ResponseEncryption.IdToken, Ascii(Id(grant, roles, now, end, access, key.Algorithm), key, "JWT"), ct);
            if (!encrypted.Ok(out var token, out var error))
            {
                return error;
            }

            issued = issued with { IdToken = token };
        }

        return grant.Scopes.Mappers.Any(MapperTarget.Response) ? issued with { Further = Further(grant, roles, now) } : issued;
    }

    /// <summary>The claims of a userinfo answer (OpenID Connect Core §5.3.2).</summary>
    public Claims UserInfo(Grant grant)
    {
        var roles = grant.Scopes.Roles(GrantedRoles.Of(grant.Realm, grant.User));
        var context = Context(grant, MapperTarget.UserInfo, roles, time.GetUtcNow().ToUnixTimeSeconds());
        context.Claims.Set("sub", grant.User.Id);
        grant.Scopes.Mappers.Run(context);
        context.Claims.Set("aud", context.Audience.Count > 0 ? context.Audience : null);
        foreach (var ofTokens in (ReadOnlySpan<string>)["auth_time", "azp", "acr"])
        {
            // Mappers write them where they belong, and here is no token.
            context.Claims.Set(ofTokens, null);
        }

        return context.Claims;
    }

    /// <summary>
    /// The claims of an introspection answer (RFC 7662 §2.2): what the token says of itself, then the mappers once more, so that an answer may hold more
    /// than a lightweight token does and less than a full one.
    /// </summary>
    public Claims Introspection(Grant grant, OwnToken token)
    {
        var roles = grant.Scopes.Roles(GrantedRoles.Of(grant.Realm, grant.User));
        var context = Context(grant, MapperTarget.Introspection, roles, time.GetUtcNow().ToUnixTimeSeconds());
        var claims = context.Claims;
        claims.Set("exp", token.Expires);
        claims.Set("iat", token.IssuedAt);
        claims.Set("jti", token.Id);
        claims.Set("iss", token.Issuer);
        claims.Set("sub", token.Subject);
        claims.Set("typ", token.Type);
        claims.Set("azp", token.AuthorizedParty);
        claims.Set("nonce", token.Nonce);
        claims.Set("sid", token.SessionId);
        claims.Set("scope", string.IsNullOrWhiteSpace(token.Scope) ? null : token.Scope);
        claims.Set("cnf", token.Confirmation);
        foreach (var audience in token.Audience)
        {
            context.AddAudience(audience);
        }

        grant.Scopes.Mappers.Run(context);
        if (grant.Audience is { } narrowed)
        {
            Narrow(context, narrowed);
        }

        SetAudience(context);
        return claims;
    }

    /// <summary>What this client's userinfo is signed with; null where it is not signed.</summary>
    public static string? UserInfoAlgorithm(Client client) => client.Attribute("user.info.response.signature.alg") is { } algorithm && algorithm != "none" ? algorithm : null;

    /// <summary>A text of this client's, signed as its attribute says and encrypted if it asks for that; null when it wants neither.</summary>
    public async ValueTask<Result<string>?> UserInfoTokenAsync(Grant grant, Claims claims, CancellationToken ct)
    {
        var isSigned = UserInfoAlgorithm(grant.Client) is not null;
        if (!isSigned && grant.Client.Attribute("user.info.encrypted.response.alg") is null)
        {
            return null;
        }

        string content;
        if (isSigned)
        {
            claims.Set("iss", grant.Issuer);
            claims.Set("aud", grant.Client.ClientId);
            content = Write(claims, await SigningAsync(grant, "user.info.response.signature.alg", ct), "JWT");
        }
        else
        {
            using var buffer = JwtBuffer.Rent();
            claims.WriteTo(buffer.Json);
            content = Encoding.UTF8.GetString(buffer.Payload);
        }

        return await encryption.EncryptAsync(grant.Client, ResponseEncryption.UserInfo, content, isSigned, ct);
    }

    /// <summary>Signs claims as an access token of this client: the <c>jwt</c> of an introspection answer (RFC 9701 in Keycloak's form).</summary>
    public async ValueTask<string> SignAsync(Grant grant, Claims claims, CancellationToken ct) =>
        Write(claims, await SigningAsync(grant, "access.token.signed.response.alg", ct), "JWT");

    private MapperContext Access(Grant grant, GrantedRoles roles, long now, long end)
    {
        var isLight = grant.Lightweight || grant.Client.Flag("client.use.lightweight.access.token.enabled");
        var context = Context(grant, isLight ? MapperTarget.Lightweight : MapperTarget.Access, roles, now / 1000);
        var claims = context.Claims;
        claims.Set("exp", end / 1000);
        claims.Set("iat", now / 1000);
        claims.Set("jti", $"{KindCode(grant)}{(isLight ? "lt" : "rt")}{grant.GrantCode}:{Ids.New()}");
        claims.Set("iss", grant.Issuer);
        claims.Set("typ", grant.DPoPThumbprint is null ? Cased(grant.Client, "Bearer") : "DPoP");
        claims.Set("azp", grant.Client.ClientId);
        // Where no session says whose token it is, the token does, whatever its mappers are.
        var (name, value) = grant.Kind == SessionKind.Transient ? ("sub", grant.User.Id) : ("sid", grant.Session.Id);
        claims.Set(name, value);
        claims.Set("scope", grant.Scopes.Shown);
        claims.Set("cnf", Confirmation(grant.DPoPThumbprint, grant.CertificateThumbprint));
        // What is left out of it is asked for later, and shall be as narrow then.
        claims.Set(OwnToken.NarrowedTo, isLight ? grant.Audience : null);
        grant.Scopes.Mappers.Run(context);
        if (grant.Audience is { } narrowed)
        {
            Narrow(context, narrowed);
        }

        SetAudience(context);
        if (grant.Authorization is { } authorization)
        {
            claims.Set("authorization", authorization);
        }

        if (grant.ResourceServer is { } server && !context.Audience.Contains(server))
        {
            claims.Set("aud", server);
        }

        return context;
    }

    /// <summary>A token for some clients says nothing of what its owner may do at others.</summary>
    private static void Narrow(MapperContext context, IReadOnlyList<string> narrowed)
    {
        context.Audience.RemoveAll(a => !narrowed.Contains(a));
        if (context.Claims["resource_access"] is Claims access)
        {
            foreach (var client in access.Names.Where(c => !context.Audience.Contains(c)).ToList())
            {
                access.Set(client, null);
            }
        }
    }

    private static Claims Refresh(Grant grant, MapperContext access, long now, long? end, string id, string? reuseId)
    {
        var claims = new Claims(expected: 16);
        claims.Set("exp", end / 1000);
        claims.Set("iat", now / 1000);
        claims.Set("jti", id);
        claims.Set("iss", grant.Issuer);
        claims.Set("aud", grant.Issuer);
        claims.Set("sub", access.Claims["sub"]);
        // Only where a mapper put it into the access token: then it is in the ID tokens of refreshes, too.
        claims.Set("nonce", access.Claims["nonce"]);
        claims.Set("typ", grant.Session.Offline ? "Offline" : "Refresh");
        claims.Set("azp", access.Claims["azp"]);
        claims.Set("sid", grant.Session.Id);
        claims.Set("scope", grant.RefreshScope ?? grant.Scopes.Full);
        claims.Set("organization", grant is { RefreshScope: null, Organizations: [var only] } ? only.Alias : null);
        claims.Set("prov", "default");
        claims.Set("reuse_id", reuseId);
        claims.Set("aud_x", Audience(access));
        claims.Set(OwnToken.NarrowedTo, grant.Audience);
        claims.Set("authorization", grant.Authorization);
        // RFC 9449 §5: bound where nothing else binds the token to its client. A confidential client proves itself at each refresh.
        claims.Set("cnf", grant.Client.IsPublic || grant.CertificateThumbprint is not null ? Confirmation(grant.RefreshDPoPThumbprint, grant.CertificateThumbprint) : null);
        return claims;
    }

    private static Claims Id(Grant grant, GrantedRoles roles, long now, long end, byte[]? access, SignatureAlgorithm algorithm)
    {
        var context = Context(grant, MapperTarget.Id, roles, now / 1000);
        var claims = context.Claims;
        claims.Set("exp", end / 1000);
        claims.Set("iat", now / 1000);
        claims.Set("jti", Ids.New());
        claims.Set("iss", grant.Issuer);
        claims.Set("sub", grant.User.Id);
        claims.Set("typ", "ID");
        claims.Set("azp", grant.Client.ClientId);
        claims.Set("nonce", grant.Nonce);
        if (grant.Kind != SessionKind.Transient)
        {
            claims.Set("sid", grant.Session.Id);
        }

        claims.Set("at_hash", access is null ? null : HalfHash(algorithm, access));
        claims.Set("c_hash", grant.Code is null ? null : HalfHash(algorithm, Encoding.ASCII.GetBytes(grant.Code)));
        claims.Set("s_hash", grant.State is null ? null : HalfHash(algorithm, Encoding.ASCII.GetBytes(grant.State)));
        context.AddAudience(grant.Client.ClientId);
        if (grant.Detached)
        {
            // Who it is stays the same in both ID tokens (OpenID Connect Core §3.3.3.6), and a pairwise subject comes of a mapper.
            var whole = Context(grant, MapperTarget.Id, roles, now / 1000);
            whole.Claims.Set("sub", grant.User.Id);
            grant.Scopes.Mappers.Run(whole);
            claims.Set("sub", whole.Claims["sub"]);
        }
        else
        {
            grant.Scopes.Mappers.Run(context);
        }

        SetAudience(context);
        return claims;
    }

    private static List<KeyValuePair<string, string>> Further(Grant grant, GrantedRoles roles, long now)
    {
        var context = Context(grant, MapperTarget.Response, roles, now / 1000);
        grant.Scopes.Mappers.Run(context);
        var further = new List<KeyValuePair<string, string>>();
        foreach (var name in context.Claims.Names)
        {
            using var buffer = JwtBuffer.Rent();
            Claims.Write(buffer.Json, context.Claims[name]);
            further.Add(new(name, Encoding.UTF8.GetString(buffer.Payload)));
        }

        return further;
    }

    private static MapperContext Context(Grant grant, MapperTarget target, GrantedRoles roles, long nowSeconds) => new()
    {
        Grant = grant, Target = target, Claims = new Claims(expected: 24), Roles = roles.Copy(), NowSeconds = nowSeconds,
    };

    private static void SetAudience(MapperContext context) => context.Claims.Set("aud", Audience(context));

    private static object? Audience(MapperContext context) => context.Audience switch
    {
        [] => null,
        [var one] => one,
        var several => several,
    };

    private static Claims? Confirmation(string? key, string? certificate)
    {
        if (key is null && certificate is null)
        {
            return null;
        }

        var cnf = new Claims();
        cnf.Set("jkt", key);
        cnf.Set("kc-jkt-type", key is null ? null : "DPoP");
        cnf.Set("x5t#S256", certificate);
        return cnf;
    }

    /// <summary>The type as the client wants it written: some compare it letter by letter (RFC 6749 §5.1 has it compared without case).</summary>
    private static string Cased(Client client, string type) => client.Flag("token.response.type.bearer.lower-case") ? type.ToLowerInvariant() : type;

    private static string KindCode(Grant grant) => (grant.Kind, grant.PassingClient || grant.PassingServer) switch
    {
        (SessionKind.Transient, _) => "tr",
        (SessionKind.Offline, true) => "ft",
        (SessionKind.Offline, false) => "of",
        (_, true) => "nt",
        _ => "on",
    };

    private static string Write(Claims claims, SigningKey key, string typ)
    {
        using var buffer = JwtBuffer.Rent();
        claims.WriteTo(buffer.Json);
        return buffer.Sign(key, typ);
    }

    private static byte[] Ascii(Claims claims, SigningKey key, string typ)
    {
        using var buffer = JwtBuffer.Rent();
        claims.WriteTo(buffer.Json);
        return buffer.SignAscii(key, typ);
    }

    private static string HalfHash(SignatureAlgorithm algorithm, byte[] ascii)
    {
        var hash = CryptographicOperations.HashData(algorithm.Hash, ascii);
        // OpenID Connect Core §3.1.3.6: the left half; for EdDSA Keycloak takes half of SHA-512, which is the same rule.
        return StrictBase64Url.Encode(hash.AsSpan(0, hash.Length / 2));
    }

    private ValueTask<SigningKey> SigningAsync(Grant grant, string attribute, CancellationToken ct) => keys.SigningAsync(grant.Realm, grant.Client, attribute, ct);
}
