using System.Text.Json;
using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Saml;
using Castellan.Core.Outbound;
using Castellan.Core.Representations;
using Castellan.Server.Http;
using Castellan.Server.Saml;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Admin.IdentityProviders;

/// <summary>Settings of a provider from what it publishes of itself, and what the realm publishes for the provider.</summary>
internal static class ProviderImport
{
    private const int MaxDocument = 1024 * 1024;

    private static readonly AdminAnswer s_bad = AdminAnswer.Error(400, "HTTP 400 Bad Request");
    private static readonly AdminAnswer s_unreadable = AdminAnswer.Message(400, "The configuration cannot be read");

    // Setting, where a discovery document has it.
    private static readonly (string Setting, string Member)[] s_discovery =
    [
        ("issuer", "issuer"), ("authorizationUrl", "authorization_endpoint"), ("tokenUrl", "token_endpoint"), ("logoutUrl", "end_session_endpoint"),
        ("userInfoUrl", "userinfo_endpoint"), ("tokenIntrospectionUrl", "introspection_endpoint"), ("jwksUrl", "jwks_uri"),
    ];

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Post("identity-provider/import-config", Permission.ManageIdentityProviders, ImportAsync),
        AdminRoute.Get("identity-provider/instances/{alias}/export", Permission.ViewIdentityProviders, IdentityProviderRoutes.One(Export)),
        AdminRoute.Get("identity-provider/instances/{alias}/reload-keys", Permission.ManageIdentityProviders, IdentityProviderRoutes.One(ReloadKeys)),
    ];

    private static ValueTask<AdminAnswer> ImportAsync(AdminContext context) =>
        context.Http.Request.HasFormContentType ? FromFileAsync(context) : FromAddressAsync(context);

    private static async ValueTask<AdminAnswer> FromAddressAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.DictionaryStringJsonElement)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (Text(given, "alias") is { } alias && ReservedCharacters.HasBlank(alias))
        {
            return AdminAnswer.Error(400, ReservedCharacters.NoBlank);
        }

        if (Text(given, "providerId") is not { } providerId || Text(given, "fromUrl") is not { } address)
        {
            return s_bad;
        }

        if (ProviderKind.Find(providerId) is null || await context.Service<IFetch>().GetAsync(address, "*/*", MaxDocument, context.Aborted) is not { } document)
        {
            return s_unreadable;
        }

        return Answer(context, providerId, document, address);
    }

    private static async ValueTask<AdminAnswer> FromFileAsync(AdminContext context)
    {
        var form = await context.Http.Request.ReadFormAsync(context.Aborted);
        if (form["providerId"].ToString() is not { Length: > 0 } providerId || form.Files.GetFile("file") is not { Length: <= MaxDocument } file)
        {
            return s_bad;
        }

        if (ProviderKind.Find(providerId) is null)
        {
            return s_unreadable;
        }

        using var document = new MemoryStream();
        await file.CopyToAsync(document, context.Aborted);
        return Answer(context, providerId, document.ToArray(), address: null);
    }

    private static AdminAnswer Answer(AdminContext context, string providerId, byte[] document, string? address)
    {
        var settings = providerId switch
        {
            "oidc" or "keycloak-oidc" => ReadDiscovery(document),
            "saml" => ProviderMetadata.Read(document, DateTimeOffset.FromUnixTimeMilliseconds(context.Now)),
            _ => [],
        };
        if (settings is null)
        {
            return s_unreadable;
        }

        if (address is not null)
        {
            settings["metadataDescriptorUrl"] = address;
        }

        return AdminAnswer.Json(settings, AdminJson.Default.DictionaryStringString);
    }

    private static Dictionary<string, string>? ReadDiscovery(byte[] document)
    {
        try
        {
            using var json = JsonDocument.Parse(document);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var settings = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var (setting, member) in s_discovery)
            {
                if (json.RootElement.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text)
                {
                    settings[setting] = text;
                }
            }

            if (settings.ContainsKey("jwksUrl"))
            {
                (settings["useJwksUrl"], settings["validateSignature"]) = ("true", "true");
            }

            return settings;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What the other side registers the realm by; only SAML has such a document.</summary>
    private static ValueTask<AdminAnswer> Export(AdminContext context, IdentityProviderRepresentation provider) => new(provider.ProviderId == "saml"
        ? AdminAnswer.Bytes(BrokerDescriptor.Write(context.Realm, provider, context.Service<ServerUrls>().Issuer(context.Http, context.Realm)), "application/xml")
        : AdminAnswer.NoContent);

    /// <summary>Drops the keys of a provider that publishes them, so that one that it withdrew counts no more: the next signature has them fetched. Says whether it is such a provider.</summary>
    private static ValueTask<AdminAnswer> ReloadKeys(AdminContext context, IdentityProviderRepresentation provider)
    {
        var known = new IdentityProvider(provider, []);
        var fetched = known.IsSaml
            ? known.Flag("useMetadataDescriptorUrl") && known.Setting("metadataDescriptorUrl") is not null
            : known is { Enabled: true, HasIdToken: true, JwksUrl: not null };
        if (fetched)
        {
            context.Service<RemoteKeys>().Forget(known.Id);
            context.Service<SamlProviderKeys>().Forget(known.Id);
        }

        return new(AdminAnswer.Json(fetched, AdminApiJson.Default.Boolean));
    }

    private static string? Text(Dictionary<string, JsonElement> given, string name) =>
        given.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
