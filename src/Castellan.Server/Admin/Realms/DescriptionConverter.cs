using System.Text.Json;
using Castellan.Core.Ciba;
using Castellan.Core.Grants;
using Castellan.Core.Representations;
using Castellan.Server.Registration;

namespace Castellan.Server.Admin.Realms;

/// <summary>Makes a client's representation of another description of it: its own form, that of OpenID Connect registration, or SAML metadata.</summary>
internal static class DescriptionConverter
{
    private static readonly AdminAnswer s_unsupported = AdminAnswer.Error(400, "Unsupported format");

    /// <summary>Grants that a client is told of one by one.</summary>
    private static readonly (string Attribute, string Grant)[] s_switches =
    [
        (CibaPolicy.Switch, CibaPolicy.GrantType), ("oauth2.device.authorization.grant.enabled", DeviceCodeGrant.GrantType),
        ("standard.token.exchange.enabled", TokenExchangeGrant.GrantType), ("oauth2.jwt.authorization.grant.enabled", JwtAuthorizationGrant.GrantType),
    ];

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
                : bytes.AsSpan().IndexOf("\"redirect_uris\""u8) >= 0 ? FromOidc(document.RootElement.Deserialize(RegistrationJson.Default.OIDCClientRepresentation)!) : null;
            return client is null ? s_unsupported : AdminAnswer.Json(client, AdminJson.Default.ClientRepresentation);
        }
        catch (JsonException)
        {
            return s_unsupported;
        }
    }

    /// <summary>
    /// OpenID Connect Dynamic Client Registration 1.0 §2. The client is what its own registration would make of it, but told in full: whoever imports it sees
    /// what was switched off, too. Null when it cannot be.
    /// </summary>
    private static ClientRepresentation? FromOidc(OIDCClientRepresentation metadata)
    {
        if (OidcMetadata.ToClient(metadata) is not { } client)
        {
            return null;
        }

        // What the server decides for those who register themselves is for the administrator to say.
        (client.BearerOnly, client.DefaultClientScopes, client.ProtocolMappers) = (null, null, null);
        (client.RedirectUris, client.FrontchannelLogout) = (metadata.RedirectUris, metadata.FrontchannelLogoutUri is not null);
        client.ClientAuthenticatorType ??= "none";
        var attributes = client.Attributes!;
        attributes["backchannel.logout.revoke.offline.tokens"] ??= "false";
        Tell("tls.client.certificate.bound.access.tokens", metadata.TlsClientCertificateBoundAccessTokens);
        Tell("dpop.bound.access.tokens", metadata.DpopBoundAccessTokens);
        Tell("require.pushed.authorization.requests", metadata.RequirePushedAuthorizationRequests);
        if (metadata.GrantTypes is { } grants)
        {
            client.AuthorizationServicesEnabled = grants.Contains(PermissionGrant.GrantType);
            foreach (var (attribute, grant) in s_switches)
            {
                attributes[attribute] = grants.Contains(grant) ? "true" : "false";
            }
        }

        client.Attributes = attributes.Where(a => a.Value is not null).ToDictionary(StringComparer.Ordinal);
        return client;

        void Tell(string attribute, bool? value)
        {
            if (value is { } said)
            {
                attributes[attribute] = said ? "true" : "false";
            }
        }
    }
}
