using System.Text.Json;
using Castellan.Core.Authorize;
using Castellan.Core.Ciba;
using Castellan.Core.Clients;
using Castellan.Core.Grants;
using Castellan.Core.Representations;
using Castellan.Server.Admin;

namespace Castellan.Server.Registration;

/// <summary>Client metadata as settings of a client, and back.</summary>
internal static class OidcMetadata
{
    private const string Separator = "##";
    private const string Pairwise = "oidc-sha256-pairwise-sub-mapper";

    // Methods of RFC 7591 §2, and how a client that uses one authenticates. The first of a kind is what a client of that kind says.
    private static readonly (string Method, string Authenticator)[] s_methods =
    [
        ("client_secret_basic", "client-secret"), ("client_secret_post", "client-secret"), ("client_secret_jwt", "client-secret-jwt"),
        ("private_key_jwt", "client-jwt"), ("tls_client_auth", "client-x509"), ("self_signed_tls_client_auth", "client-x509"),
    ];

    /// <summary>Grants that a client cannot use that proves nothing.</summary>
    private static readonly string[] s_confidential = [TokenExchangeGrant.GrantType, JwtAuthorizationGrant.GrantType];

    // Attribute, the metadata that it is.
    private static readonly (string Attribute, Func<OIDCClientRepresentation, string?> Read, Action<OIDCClientRepresentation, string> Write)[] s_texts =
    [
        ("logoUri", m => m.LogoUri, (m, v) => m.LogoUri = v),
        ("policyUri", m => m.PolicyUri, (m, v) => m.PolicyUri = v),
        ("tosUri", m => m.TosUri, (m, v) => m.TosUri = v),
        ("initiateLoginUri", m => m.InitiateLoginUri, (m, v) => m.InitiateLoginUri = v),
        ("token.endpoint.auth.signing.alg", m => m.TokenEndpointAuthSigningAlg, (m, v) => m.TokenEndpointAuthSigningAlg = v),
        ("id.token.signed.response.alg", m => m.IdTokenSignedResponseAlg, (m, v) => m.IdTokenSignedResponseAlg = v),
        ("id.token.encrypted.response.alg", m => m.IdTokenEncryptedResponseAlg, (m, v) => m.IdTokenEncryptedResponseAlg = v),
        ("id.token.encrypted.response.enc", m => m.IdTokenEncryptedResponseEnc, (m, v) => m.IdTokenEncryptedResponseEnc = v),
        ("user.info.response.signature.alg", m => m.UserinfoSignedResponseAlg, (m, v) => m.UserinfoSignedResponseAlg = v),
        ("user.info.encrypted.response.alg", m => m.UserinfoEncryptedResponseAlg, (m, v) => m.UserinfoEncryptedResponseAlg = v),
        ("user.info.encrypted.response.enc", m => m.UserinfoEncryptedResponseEnc, (m, v) => m.UserinfoEncryptedResponseEnc = v),
        ("request.object.signature.alg", m => m.RequestObjectSigningAlg, (m, v) => m.RequestObjectSigningAlg = v),
        ("request.object.encryption.alg", m => m.RequestObjectEncryptionAlg, (m, v) => m.RequestObjectEncryptionAlg = v),
        ("request.object.encryption.enc", m => m.RequestObjectEncryptionEnc, (m, v) => m.RequestObjectEncryptionEnc = v),
        ("authorization.signed.response.alg", m => m.AuthorizationSignedResponseAlg, (m, v) => m.AuthorizationSignedResponseAlg = v),
        ("authorization.encrypted.response.alg", m => m.AuthorizationEncryptedResponseAlg, (m, v) => m.AuthorizationEncryptedResponseAlg = v),
        ("authorization.encrypted.response.enc", m => m.AuthorizationEncryptedResponseEnc, (m, v) => m.AuthorizationEncryptedResponseEnc = v),
        ("x509.subjectdn", m => m.TlsClientAuthSubjectDn, (m, v) => m.TlsClientAuthSubjectDn = v),
        ("backchannel.logout.url", m => m.BackchannelLogoutUri, (m, v) => m.BackchannelLogoutUri = v),
        ("frontchannel.logout.url", m => m.FrontchannelLogoutUri, (m, v) => m.FrontchannelLogoutUri = v),
        ("ciba.backchannel.token.delivery.mode", m => m.BackchannelTokenDeliveryMode, (m, v) => m.BackchannelTokenDeliveryMode = v),
        ("ciba.backchannel.client.notification.endpoint", m => m.BackchannelClientNotificationEndpoint, (m, v) => m.BackchannelClientNotificationEndpoint = v),
        ("ciba.backchannel.auth.request.signing.alg", m => m.BackchannelAuthenticationRequestSigningAlg, (m, v) => m.BackchannelAuthenticationRequestSigningAlg = v),
    ];

    /// <summary>A client's mappers with the pairwise subject that it asks for, or without any: one that it has keeps its salt.</summary>
    public static List<ProtocolMapperRepresentation> WithSubject(List<ProtocolMapperRepresentation> mappers, ProtocolMapperRepresentation? pairwise)
    {
        var changed = mappers.Where(m => m.ProtocolMapper != Pairwise).ToList();
        if (pairwise is not null)
        {
            var sector = pairwise.Config?.GetValueOrDefault("sectorIdentifierUri");
            var kept = mappers.Find(m => m.ProtocolMapper == Pairwise)?.Copy(AdminJson.Default.ProtocolMapperRepresentation) ?? pairwise;
            (kept.Config ??= []).Remove("sectorIdentifierUri");
            if (sector is not null)
            {
                kept.Config["sectorIdentifierUri"] = sector;
            }

            changed.Add(kept);
        }

        return changed;
    }

    /// <summary>The client that metadata ask for; null when they name what there is not, an address that cannot be, or two things that do not go together.</summary>
    public static ClientRepresentation? ToClient(OIDCClientRepresentation metadata)
    {
        // OpenID Connect Dynamic Client Registration §2: who is sent there brings the name of a provider, which nobody on the way may change.
        if (metadata.InitiateLoginUri is { Length: > 0 } begin && !(Uri.TryCreate(begin, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps))
        {
            return null;
        }

        var client = new ClientRepresentation
        {
            ClientId = metadata.ClientId, Name = metadata.ClientName, RedirectUris = metadata.RedirectUris ?? [], BaseUrl = metadata.ClientUri, Protocol = "openid-connect",
            BearerOnly = false, Attributes = [],
        };
        if (metadata.Scope is not null)
        {
            // Scopes of one's own replace those of the realm, but for the one without which a token says nothing of its subject.
            client.OptionalClientScopes = [.. metadata.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
            client.DefaultClientScopes = ["basic"];
        }

        if (!TakeAuthentication(client, metadata) || !TakeGrants(client, metadata) || metadata is { JwksUri: not null, Jwks: not null })
        {
            return null;
        }

        TakeKeys(client, metadata);
        foreach (var (attribute, read, _) in s_texts)
        {
            // An attribute without a value goes.
            client.Attributes[attribute] = read(metadata);
        }

        if (metadata.TlsClientAuthSubjectDn is not null)
        {
            // RFC 8705 §2.1.2: what a client registers is a name, and no pattern.
            client.Attributes["x509.allow.regex.pattern.comparison"] = "false";
        }

        client.Attributes["tls.client.certificate.bound.access.tokens"] = Flag(metadata.TlsClientCertificateBoundAccessTokens);
        client.Attributes["dpop.bound.access.tokens"] = Flag(metadata.DpopBoundAccessTokens);
        client.Attributes["require.pushed.authorization.requests"] = Flag(metadata.RequirePushedAuthorizationRequests);
        client.Attributes["backchannel.logout.session.required"] = metadata.BackchannelLogoutSessionRequired is false ? "false" : "true";
        client.Attributes["backchannel.logout.revoke.offline.tokens"] = Flag(metadata.BackchannelLogoutRevokeOfflineTokens);
        client.Attributes["frontchannel.logout.session.required"] = metadata.FrontchannelLogoutSessionRequired is true ? "true" : "false";
        client.Attributes["post.logout.redirect.uris"] = Joined(metadata.PostLogoutRedirectUris);
        client.Attributes["request.uris"] = Joined(metadata.RequestUris);
        client.Attributes["default.acr.values"] = Joined(metadata.DefaultAcrValues);
        client.FrontchannelLogout = metadata.FrontchannelLogoutUri is null ? null : true;
        if (metadata.SubjectType == "pairwise")
        {
            client.ProtocolMappers =
            [
                new()
                {
                    Name = "pairwise subject identifier", Protocol = "openid-connect", ProtocolMapper = Pairwise,
                    Config = metadata.SectorIdentifierUri is null ? [] : new() { ["sectorIdentifierUri"] = metadata.SectorIdentifierUri },
                },
            ];
        }

        return client;

        static string? Flag(bool? value) => value is true ? "true" : null;
        static string? Joined(List<string>? values) => values is { Count: > 0 } ? string.Join(Separator, values) : null;
    }

    public static OIDCClientRepresentation Show(Client client)
    {
        var stored = client.Representation;
        var metadata = new OIDCClientRepresentation
        {
            ClientId = client.ClientId, ClientName = stored.Name, ClientUri = stored.BaseUrl, RedirectUris = stored.RedirectUris ?? [],
            TokenEndpointAuthMethod = Method(client), GrantTypes = [.. Grants(client)], ResponseTypes = [.. Responses(client)],
            Scope = string.Join(' ', client.OptionalScopes.Select(s => s.Name).Order(StringComparer.Ordinal)),
            JwksUri = client.Flag("use.jwks.url") ? client.Attribute("jwks.url") : null, Jwks = client.Flag("use.jwks.string") ? Keys(client.Attribute("jwks.string")) : null,
            SubjectType = (stored.ProtocolMappers ?? []).Exists(m => m.ProtocolMapper == Pairwise) ? "pairwise" : "public",
            SectorIdentifierUri = stored.ProtocolMappers?.Find(m => m.ProtocolMapper == Pairwise)?.Config?.GetValueOrDefault("sectorIdentifierUri"),
            PostLogoutRedirectUris = client.Attribute("post.logout.redirect.uris") is { } after and not "+" ? [.. after.Split(Separator)] : stored.RedirectUris ?? [],
            RequestUris = [.. client.Attribute("request.uris")?.Split(Separator) ?? []], DefaultAcrValues = client.Attribute("default.acr.values")?.Split(Separator).ToList(),
            TlsClientCertificateBoundAccessTokens = client.Flag("tls.client.certificate.bound.access.tokens"), DpopBoundAccessTokens = client.Flag("dpop.bound.access.tokens"),
            RequirePushedAuthorizationRequests = client.Flag("require.pushed.authorization.requests"),
            // Keycloak shows another setting under this name, and that is what its clients know.
            BackchannelLogoutSessionRequired = client.Flag("backchannel.logout.revoke.offline.tokens"),
            BackchannelLogoutRevokeOfflineTokens = client.Flag("backchannel.logout.revoke.offline.tokens") ? true : null,
            FrontchannelLogoutSessionRequired = client.Flag("frontchannel.logout.session.required"),
        };
        foreach (var (attribute, _, write) in s_texts)
        {
            if (client.Attribute(attribute) is { Length: > 0 } value)
            {
                write(metadata, value);
            }
        }

        if (!client.IsPublic && stored.ClientAuthenticatorType is (null or "client-secret" or "client-secret-jwt"))
        {
            metadata.ClientSecret = stored.Secret;
            metadata.ClientSecretExpiresAt = long.TryParse(client.Attribute("client.secret.expiration.time"), out var at) ? at : 0;
        }

        return metadata;
    }

    private static bool TakeAuthentication(ClientRepresentation client, OIDCClientRepresentation metadata)
    {
        client.PublicClient = metadata.TokenEndpointAuthMethod == "none";
        if (client.PublicClient is true)
        {
            return true;
        }

        var method = s_methods.FirstOrDefault(m => m.Method == (metadata.TokenEndpointAuthMethod ?? s_methods[0].Method));
        client.ClientAuthenticatorType = method.Authenticator;
        client.Attributes!["token.endpoint.auth.method"] = method.Method is "self_signed_tls_client_auth" ? method.Method : null;
        // What a client says is the only way from then on; where it says nothing there are two.
        client.Attributes[SecretMethod.AllowedWay] = metadata.TokenEndpointAuthMethod is { } said && method.Authenticator == "client-secret" ? said : null;
        // RFC 7523 §3: who signs has a key to be known by.
        return method.Method is not null && (method.Method != "private_key_jwt" || metadata.JwksUri is not null || HasSigningKey(metadata.Jwks));
    }

    private static bool HasSigningKey(JsonElement? set) =>
        set is { ValueKind: JsonValueKind.Object } jwks && jwks.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
        && keys.EnumerateArray().Any(k => k.ValueKind == JsonValueKind.Object && (!k.TryGetProperty("use", out var use) || (use.ValueKind == JsonValueKind.String && use.ValueEquals("sig"))));

    private static bool TakeGrants(ClientRepresentation client, OIDCClientRepresentation metadata)
    {
        var grants = metadata.GrantTypes is { Count: > 0 } named ? named : null;
        List<string> types = metadata.ResponseTypes is { Count: > 0 } asked ? asked
            : grants is null ? ["code"]
            : [.. grants.Contains("authorization_code") ? ["code"] : Array.Empty<string>(), .. grants.Contains("implicit") ? ["id_token"] : Array.Empty<string>()];
        var responses = types.ConvertAll(ResponseTypes.Parse);
        if (responses.Exists(r => (int)r < 0) || (client.PublicClient is true && s_confidential.Any(g => grants?.Contains(g) is true)))
        {
            return false;
        }

        client.StandardFlowEnabled = responses.Exists(r => r == ResponseType.None || r.HasFlag(ResponseType.Code));
        client.ImplicitFlowEnabled = responses.Exists(ResponseTypes.IsFront);
        client.DirectAccessGrantsEnabled = grants?.Contains("password") is true;
        if (metadata.GrantTypes is not { } all)
        {
            return true;
        }

        client.ServiceAccountsEnabled = all.Contains("client_credentials");
        client.Attributes!["oauth2.device.authorization.grant.enabled"] = all.Contains(DeviceCodeGrant.GrantType) ? "true" : null;
        client.Attributes[CibaPolicy.Switch] = all.Contains(CibaPolicy.GrantType) ? "true" : null;
        client.Attributes["standard.token.exchange.enabled"] = all.Contains(TokenExchangeGrant.GrantType) ? "true" : null;
        client.Attributes["oauth2.jwt.authorization.grant.enabled"] = all.Contains(JwtAuthorizationGrant.GrantType) ? "true" : null;
        client.Attributes["use.refresh.tokens"] = all.Contains("refresh_token") ? "true" : "false";
        return true;
    }

    private static void TakeKeys(ClientRepresentation client, OIDCClientRepresentation metadata)
    {
        var keys = metadata.Jwks is { ValueKind: JsonValueKind.Object } set ? set.GetRawText() : null;
        client.Attributes!["use.jwks.url"] = metadata.JwksUri is null ? null : "true";
        client.Attributes["jwks.url"] = metadata.JwksUri;
        client.Attributes["use.jwks.string"] = metadata.JwksUri is null && keys is not null ? "true" : null;
        client.Attributes["jwks.string"] = metadata.JwksUri is null ? keys : null;
    }

    private static string Method(Client client) => client.IsPublic ? "none"
        : (client.Representation.ClientAuthenticatorType is null or "client-secret" ? client.Attribute(SecretMethod.AllowedWay) : null) ?? client.Attribute("token.endpoint.auth.method") ?? s_methods.FirstOrDefault(m => m.Authenticator == (client.Representation.ClientAuthenticatorType ?? "client-secret")).Method ?? s_methods[0].Method;

    private static IEnumerable<string> Grants(Client client)
    {
        var stored = client.Representation;
        (bool On, string Grant)[] all =
        [
            (stored.StandardFlowEnabled is true, "authorization_code"), (stored.ImplicitFlowEnabled is true, "implicit"), (stored.DirectAccessGrantsEnabled is true, "password"),
            (stored.ServiceAccountsEnabled is true, "client_credentials"), (client.Flag("oauth2.device.authorization.grant.enabled"), DeviceCodeGrant.GrantType), (client.Flag(CibaPolicy.Switch), CibaPolicy.GrantType),
            (client.Attribute("use.refresh.tokens") != "false", "refresh_token"), (!client.IsPublic && client.Flag("standard.token.exchange.enabled"), TokenExchangeGrant.GrantType),
            (!client.IsPublic && client.Flag("oauth2.jwt.authorization.grant.enabled"), JwtAuthorizationGrant.GrantType),
        ];
        return all.Where(g => g.On).Select(g => g.Grant);
    }

    private static IEnumerable<string> Responses(Client client)
    {
        var (code, hidden) = (client.Representation.StandardFlowEnabled is true, client.Representation.ImplicitFlowEnabled is true);
        return [.. code ? ["code", "none"] : Array.Empty<string>(), .. hidden ? ["id_token", "id_token token"] : Array.Empty<string>(),
            .. code && hidden ? ["code id_token", "code token", "code id_token token"] : Array.Empty<string>()];
    }

    private static JsonElement? Keys(string? text)
    {
        try
        {
            return text is null ? null : JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
