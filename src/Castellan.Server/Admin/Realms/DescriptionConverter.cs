using System.Text.Json;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Realms;

/// <summary>Makes a client's representation of another description of it: its own form, that of OpenID Connect registration, or SAML metadata.</summary>
internal static class DescriptionConverter
{
    private static readonly AdminAnswer s_unsupported = AdminAnswer.Error(400, "Unsupported format");

    public static IReadOnlyList<AdminRoute> All { get; } = [AdminRoute.Post("client-description-converter", Permission.ManageClients, ConvertAsync)];

    private static async ValueTask<AdminAnswer> ConvertAsync(AdminContext context)
    {
        if (!(await context.ReadBytesAsync()).Ok(out var bytes, out var refusal))
        {
            return refusal;
        }

        if (bytes.AsSpan().Trim("\uFEFF \t\r\n"u8) is [(byte)'<', .., (byte)'>'] && bytes.AsSpan().IndexOf("EntityDescriptor"u8) >= 0)
        {
            return SamlDescription.Read(bytes, out var problem) is { } provider ? AdminAnswer.Json(provider, AdminJson.Default.ClientRepresentation) : AdminAnswer.Error(400, problem);
        }

        try
        {
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return s_unsupported;
            }

            var client = document.RootElement.TryGetProperty("clientId", out _)
                ? document.RootElement.Deserialize(AdminJson.Default.ClientRepresentation)
                : document.RootElement.TryGetProperty("redirect_uris", out _) || document.RootElement.TryGetProperty("client_id", out _) ? FromOidc(document.RootElement) : null;
            return client is null ? s_unsupported : AdminAnswer.Json(client, AdminJson.Default.ClientRepresentation);
        }
        catch (JsonException)
        {
            return s_unsupported;
        }
    }

    /// <summary>OpenID Connect Dynamic Client Registration 1.0 §2.</summary>
    private static ClientRepresentation FromOidc(JsonElement given)
    {
        var responses = Texts("response_types");
        var grants = Texts("grant_types");
        var method = Text("token_endpoint_auth_method");
        var attributes = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["backchannel.logout.session.required"] = Flag("backchannel_logout_session_required", "true"),
            ["backchannel.logout.revoke.offline.tokens"] = "false",
            ["frontchannel.logout.session.required"] = Flag("frontchannel_logout_session_required", "false"),
        };
        Put("logoUri", "logo_uri");
        Put("policyUri", "policy_uri");
        Put("tosUri", "tos_uri");
        Put("backchannel.logout.url", "backchannel_logout_uri");
        Put("frontchannel.logout.url", "frontchannel_logout_uri");
        Put("id.token.signed.response.alg", "id_token_signed_response_alg");
        Put("user.info.response.signature.alg", "userinfo_signed_response_alg");
        Put("request.object.signature.alg", "request_object_signing_alg");
        Put("token.endpoint.auth.signing.alg", "token_endpoint_auth_signing_alg");
        if (Text("jwks_uri") is { } jwks)
        {
            (attributes["use.jwks.url"], attributes["jwks.url"]) = ("true", jwks);
        }

        if (Texts("post_logout_redirect_uris") is { } logout)
        {
            attributes["post.logout.redirect.uris"] = string.Join("##", logout);
        }

        return new()
        {
            ClientId = Text("client_id"),
            Name = Text("client_name"),
            BaseUrl = Text("client_uri"),
            RedirectUris = Texts("redirect_uris"),
            Protocol = "openid-connect",
            PublicClient = method == "none",
            ClientAuthenticatorType = method switch { "private_key_jwt" => "client-jwt", "client_secret_jwt" => "client-secret-jwt", "tls_client_auth" => "client-x509", _ => "client-secret" },
            StandardFlowEnabled = responses?.Exists(r => r.Contains("code", StringComparison.Ordinal)) ?? grants?.Contains("authorization_code") ?? true,
            ImplicitFlowEnabled = (responses?.Exists(r => r.Contains("token", StringComparison.Ordinal)) ?? false) || (grants?.Contains("implicit") ?? false),
            DirectAccessGrantsEnabled = grants?.Contains("password") ?? false,
            ServiceAccountsEnabled = grants?.Contains("client_credentials"),
            FrontchannelLogout = Text("frontchannel_logout_uri") is not null,
            Attributes = attributes,
        };

        string? Text(string name) => given.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        List<string>? Texts(string name) => given.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!)]
            : null;

        string Flag(string name, string otherwise) => given.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean() ? "true" : "false"
            : otherwise;

        void Put(string attribute, string member)
        {
            if (Text(member) is { } value)
            {
                attributes[attribute] = value;
            }
        }
    }
}
