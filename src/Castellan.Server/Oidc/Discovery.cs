using System.Buffers;
using System.Text.Json;
using Castellan.Core.Ciba;
using Castellan.Core.Grants;
using Castellan.Core.Realms;
using Castellan.Server.Http;

namespace Castellan.Server.Oidc;

/// <summary>What the discovery documents say. Addresses that people visit or that identify the realm are the frontend's, the others the backend's.</summary>
internal static class Discovery
{
    private static readonly string[] s_grants =
    [
        "authorization_code", "client_credentials", "implicit", "password", "refresh_token", DeviceCodeGrant.GrantType,
        JwtAuthorizationGrant.GrantType, TokenExchangeGrant.GrantType, PermissionGrant.GrantType, CibaPolicy.GrantType,
    ];

    private static readonly string[] s_responseTypes =
        ["code", "none", "id_token", "token", "id_token token", "code id_token", "code token", "code id_token token"];

    private static readonly string[] s_responseModes = ["query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"];

    private static readonly string[] s_asymmetric = ["PS384", "RS384", "EdDSA", "ES384", "ES256", "RS256", "ES512", "PS256", "PS512", "RS512"];

    private static readonly string[] s_signatures = ["PS384", "RS384", "EdDSA", "ES384", "HS256", "HS512", "ES256", "RS256", "HS384", "ES512", "PS256", "PS512", "RS512"];

    private static readonly string[] s_signaturesOrNone = [.. s_signatures, "none"];

    private static readonly string[] s_encryptions =
        ["ECDH-ES+A256KW", "ECDH-ES+A192KW", "ECDH-ES+A128KW", "RSA-OAEP", "RSA-OAEP-256", "RSA1_5", "ECDH-ES"];

    private static readonly string[] s_contents = ["A256GCM", "A192GCM", "A128GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"];

    private static readonly string[] s_clientMethods = ["private_key_jwt", "client_secret_basic", "client_secret_post", "tls_client_auth", "client_secret_jwt"];

    private static readonly string[] s_claims =
    [
        "iss", "sub", "aud", "exp", "iat", "auth_time", "name", "given_name", "family_name", "preferred_username", "email", "acr", "azp", "nonce",
    ];

    public static byte[] OpenId(Realm realm, string frontend, string backend, Features features) => Write(json =>
    {
        var (people, direct) = (frontend + OidcRoutes.Protocol, backend + OidcRoutes.Protocol);
        json.WriteString("issuer", frontend);
        json.WriteString("authorization_endpoint", people + "/auth");
        json.WriteString("token_endpoint", direct + "/token");
        json.WriteString("introspection_endpoint", direct + "/token/introspect");
        json.WriteString("userinfo_endpoint", direct + "/userinfo");
        json.WriteString("end_session_endpoint", people + "/logout");
        json.WriteBoolean("frontchannel_logout_session_supported", true);
        json.WriteBoolean("frontchannel_logout_supported", true);
        json.WriteString("jwks_uri", direct + "/certs");
        json.WriteString("check_session_iframe", people + "/login-status-iframe.html");
        List(json, "grant_types_supported", Grants(features));
        List(json, "acr_values_supported", AcrValues(realm));
        List(json, "response_types_supported", s_responseTypes);
        List(json, "subject_types_supported", "public", "pairwise");
        List(json, "prompt_values_supported", realm.Settings.RegistrationAllowed == true ? ["none", "login", "consent", "create"] : ["none", "login", "consent"]);
        List(json, "id_token_signing_alg_values_supported", s_signatures);
        List(json, "id_token_encryption_alg_values_supported", s_encryptions);
        List(json, "id_token_encryption_enc_values_supported", s_contents);
        List(json, "userinfo_signing_alg_values_supported", s_signaturesOrNone);
        List(json, "userinfo_encryption_alg_values_supported", s_encryptions);
        List(json, "userinfo_encryption_enc_values_supported", s_contents);
        List(json, "request_object_signing_alg_values_supported", s_signaturesOrNone);
        List(json, "request_object_encryption_alg_values_supported", s_encryptions);
        List(json, "request_object_encryption_enc_values_supported", s_contents);
        List(json, "response_modes_supported", s_responseModes);
        json.WriteString("registration_endpoint", backend + "/clients-registrations/openid-connect");
        ClientMethods(json, "token_endpoint");
        ClientMethods(json, "introspection_endpoint");
        List(json, "authorization_signing_alg_values_supported", s_signatures);
        List(json, "authorization_encryption_alg_values_supported", s_encryptions);
        List(json, "authorization_encryption_enc_values_supported", s_contents);
        List(json, "claims_supported", s_claims);
        List(json, "claim_types_supported", "normal");
        json.WriteBoolean("claims_parameter_supported", true);
        List(json, "scopes_supported", ScopeNames(realm));
        json.WriteBoolean("request_parameter_supported", true);
        json.WriteBoolean("request_uri_parameter_supported", true);
        json.WriteBoolean("require_request_uri_registration", true);
        List(json, "code_challenge_methods_supported", "plain", "S256");
        json.WriteBoolean("tls_client_certificate_bound_access_tokens", true);
        List(json, "dpop_signing_alg_values_supported", s_asymmetric);
        json.WriteString("revocation_endpoint", people + "/revoke");
        ClientMethods(json, "revocation_endpoint");
        json.WriteBoolean("backchannel_logout_supported", true);
        json.WriteBoolean("backchannel_logout_session_supported", true);
        Part(json, features, "device-flow", "device_authorization_endpoint", people + "/auth/device");
        if (features.Has("ciba"))
        {
            List(json, "backchannel_token_delivery_modes_supported", CibaPolicy.Poll, CibaPolicy.Ping);
            json.WriteString("backchannel_authentication_endpoint", direct + "/ext/ciba/auth");
            List(json, "backchannel_authentication_request_signing_alg_values_supported", s_asymmetric);
        }

        json.WriteBoolean("require_pushed_authorization_requests", false);
        Part(json, features, "par", "pushed_authorization_request_endpoint", direct + "/ext/par/request");
        json.WriteStartObject("mtls_endpoint_aliases");
        json.WriteString("token_endpoint", direct + "/token");
        json.WriteString("revocation_endpoint", direct + "/revoke");
        json.WriteString("introspection_endpoint", direct + "/token/introspect");
        Part(json, features, "device-flow", "device_authorization_endpoint", direct + "/auth/device");
        json.WriteString("registration_endpoint", backend + "/clients-registrations/openid-connect");
        json.WriteString("userinfo_endpoint", direct + "/userinfo");
        Part(json, features, "par", "pushed_authorization_request_endpoint", direct + "/ext/par/request");
        Part(json, features, "ciba", "backchannel_authentication_endpoint", direct + "/ext/ciba/auth");
        json.WriteEndObject();
        json.WriteBoolean("authorization_response_iss_parameter_supported", true);
    });

    public static byte[] Uma(Realm realm, string frontend, string backend, Features features) => Write(json =>
    {
        var (people, direct) = (frontend + OidcRoutes.Protocol, backend + OidcRoutes.Protocol);
        json.WriteString("issuer", frontend);
        json.WriteString("authorization_endpoint", people + "/auth");
        json.WriteString("token_endpoint", direct + "/token");
        json.WriteString("introspection_endpoint", direct + "/token/introspect");
        json.WriteString("end_session_endpoint", people + "/logout");
        json.WriteBoolean("frontchannel_logout_session_supported", true);
        json.WriteBoolean("frontchannel_logout_supported", true);
        json.WriteString("jwks_uri", direct + "/certs");
        List(json, "grant_types_supported", Grants(features));
        List(json, "response_types_supported", s_responseTypes);
        List(json, "response_modes_supported", s_responseModes);
        json.WriteString("registration_endpoint", backend + "/clients-registrations/openid-connect");
        ClientMethods(json, "token_endpoint");
        List(json, "scopes_supported", ScopeNames(realm));
        json.WriteString("resource_registration_endpoint", backend + "/authz/protection/resource_set");
        json.WriteString("permission_endpoint", backend + "/authz/protection/permission");
        json.WriteString("policy_endpoint", backend + "/authz/protection/uma-policy");
    });

    private static string[] Grants(Features features) =>
        [.. s_grants.Where(g => g switch
        {
            DeviceCodeGrant.GrantType => features.Has("device-flow"),
            JwtAuthorizationGrant.GrantType => features.Has("jwt-authorization-grant"),
            CibaPolicy.GrantType => features.Has("ciba"),
            TokenExchangeGrant.GrantType => features.Has("token-exchange-standard"),
            PermissionGrant.GrantType => features.Has("authorization"),
            _ => true,
        })];

    private static void Part(Utf8JsonWriter json, Features features, string feature, string name, string address)
    {
        if (features.Has(feature))
        {
            json.WriteString(name, address);
        }
    }

    private static void ClientMethods(Utf8JsonWriter json, string endpoint)
    {
        List(json, endpoint + "_auth_methods_supported", s_clientMethods);
        List(json, endpoint + "_auth_signing_alg_values_supported", s_signatures);
    }

    /// <summary>The names of the realm's levels with their numbers, or the two levels that there always are.</summary>
    private static string[] AcrValues(Realm realm)
    {
        var values = new List<string> { "0", "1" };
        if (realm.Attribute("acr.loa.map") is { Length: > 0 } map)
        {
            try
            {
                using var document = JsonDocument.Parse(map);
                foreach (var level in document.RootElement.EnumerateObject())
                {
                    values.Add(level.Name);
                    values.Add(level.Value.ToString());
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // A map that nobody can read adds nothing.
            }
        }

        return [.. values.Distinct()];
    }

    private static string[] ScopeNames(Realm realm) =>
    [
        "openid",
        .. realm.Scopes.Where(s => s.Representation.Protocol is null or "openid-connect" && s.Attribute("include.in.openid.provider.metadata") != "false").Select(s => s.Name),
    ];

    private static void List(Utf8JsonWriter json, string name, params ReadOnlySpan<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(8192);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }
}
