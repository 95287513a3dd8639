using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    // Names and shapes of old releases, brought into today's before anything is read.
    private void Modernise()
    {
        TakeSocialProviders();
        TakeOldClients("applications", file.Applications, asksConsent: false);
        TakeOldClients("oauthClients", file.OauthClients, asksConsent: true);
        TakeOldKeys();
        TakeTemplates();
        TakeFederation();

        // The old names count only where the new ones are not there.
        file.ClientScopeMappings ??= file.ApplicationScopeMappings;
        if (file.Roles is { Client: null, Application: { } roles })
        {
            file.Roles.Client = roles;
        }
    }

    // Public services were named by their keys, before there were identity providers.
    private void TakeSocialProviders()
    {
        if (file is not { Social: true, IdentityProviders: null, SocialProviders: { Count: > 0 } settings })
        {
            return;
        }

        const string key = ".key";
        file.IdentityProviders = [.. settings.Keys.Where(name => name.EndsWith(key, StringComparison.Ordinal)).Select(name => new IdentityProviderRepresentation
        {
            Alias = name.Split('.')[0], ProviderId = name.Split('.')[0], Enabled = true,
            Config = new() { ["clientId"] = settings[name], ["clientSecret"] = settings.GetValueOrDefault(name[..^key.Length] + ".secret") },
        })];
    }

    // What is no object of its kind is refused with its place.
    private void TakeEach(string place, JsonElement? list, Action<JsonElement> take)
    {
        if (list is not { ValueKind: JsonValueKind.Array } elements)
        {
            return;
        }

        foreach (var element in elements.EnumerateArray())
        {
            try
            {
                take(element.ValueKind == JsonValueKind.Object ? element : throw new JsonException("Each is a JSON object."));
            }
            catch (JsonException error)
            {
                var unread = Refusals.NotRead(error);
                Refusal ??= unread with { Detail = $"{place}: {unread.Detail}" };
            }
        }
    }

    private void TakeOldClients(string place, JsonElement? list, bool asksConsent) => TakeEach(place, list, element =>
    {
        var client = WithoutClaims(element).Deserialize(AdminJson.Default.ClientRepresentation)!;
        (client.ClientId, client.Name) = (client.Name ?? client.ClientId, null);
        if (asksConsent)
        {
            (client.ConsentRequired, client.FullScopeAllowed) = (true, false);
        }

        (file.Clients ??= []).Add(client);
    });

    // Which claims a token has is what client scopes say since 4: the list of before means nothing any more.
    private static JsonNode WithoutClaims(JsonElement client)
    {
        var node = JsonObject.Create(client)!;
        node.Remove("claims");
        return node;
    }

    // Client templates became client scopes.
    private void TakeTemplates() => TakeEach("clientTemplates", file.ClientTemplates, template => _templates.Add(new()
    {
        Id = Text(template, "id"), Name = ScopeName(Text(template, "name")), Description = Text(template, "description"),
        Protocol = Text(template, "protocol") ?? "openid-connect", Attributes = template.TryGetProperty("attributes", out var attributes)
            ? attributes.Deserialize(AdminJson.Default.DictionaryStringString)?.ToDictionary(a => a.Key, string? (a) => a.Value) ?? [] : [],
        ProtocolMappers = template.TryGetProperty("protocolMappers", out var mappers) ? mappers.Deserialize(AdminJson.Default.ListProtocolMapperRepresentation) : null,
    }));

    /// <summary>A scope is asked for among others with blanks between them (RFC 6749 §3.3), so its name has none.</summary>
    private static string? ScopeName(string? name) => name?.Replace(' ', '_');

    private readonly List<ClientScopeRepresentation> _templates = [];

    private void TakeOldTemplate(ClientRepresentation client, bool joins)
    {
        if (joins && ScopeName(client.ClientTemplate) is { } name && _scopes.ContainsKey(name) && !client.DefaultClientScopes!.Contains(name))
        {
            client.DefaultClientScopes.Add(name);
        }

        (client.ClientTemplate, client.UseTemplateConfig, client.UseTemplateMappers, client.UseTemplateScope) = (null, null, null, null);
    }

    // User federation was a list of its own before it became components. Providers of others' making have gone.
    private void TakeFederation() => TakeEach("userFederationProviders", file.UserFederationProviders, provider =>
    {
        if (Text(provider, "providerName") is not ("ldap" or "kerberos"))
        {
            return;
        }

        var config = Texts(provider, "config");
        foreach (var (name, old) in s_federationFields)
        {
            if (provider.TryGetProperty(old, out var value) && value.ValueKind is not JsonValueKind.Null)
            {
                config[name] = [value.ToString()];
            }
        }

        foreach (var name in s_formerFields)
        {
            config.Remove(name);
        }

        var display = Text(provider, "displayName");
        var component = new ComponentExportRepresentation
        {
            Id = Text(provider, "id") ?? DirectoryId(), Name = display, ProviderId = Text(provider, "providerName"), Config = config,
            SubComponents = FederationMappers(display),
        };
        if (component.SubComponents.Count == 0)
        {
            // Written by hand: it gets the mappers that a new one gets.
            _bareDirectories.Add(component.Id);
        }

        file.Components ??= [];
        file.Components.TryAdd(DefaultComponents.UserStorage, []);
        file.Components[DefaultComponents.UserStorage].Add(component);
    });

    private readonly HashSet<string> _bareDirectories = new(StringComparer.Ordinal);

    private static readonly (string Name, string Old)[] s_federationFields =
        [("priority", "priority"), ("fullSyncPeriod", "fullSyncPeriod"), ("changedSyncPeriod", "changedSyncPeriod")];

    // Settings that were dropped before providers became components.
    private static readonly string[] s_formerFields = ["allowPasswordAuthentication", "baseDn", "updateProfileFirstLogin"];

    private Dictionary<string, List<ComponentExportRepresentation>> FederationMappers(string? provider)
    {
        if (file.UserFederationMappers is not { ValueKind: JsonValueKind.Array } mappers)
        {
            return [];
        }

        var list = mappers.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.Object && Text(m, "federationProviderDisplayName") == provider)
            .Select(m => new ComponentExportRepresentation
            {
                Id = Text(m, "id"), Name = Text(m, "name"), ProviderId = Text(m, "federationMapperType"), Config = Texts(m, "config"),
            }).ToList();
        return list.Count == 0 ? [] : new() { [LdapProvider.MapperType] = list };
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Dictionary<string, List<string>> Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).ToDictionary(p => p.Name, p => new List<string> { p.Value.ToString() })
            : [];

    // Links to public services, before there were identity providers.
    private List<FederatedIdentityRepresentation> SocialLinks(string place, JsonElement? links)
    {
        var identities = new List<FederatedIdentityRepresentation>();
        TakeEach(place + ".socialLinks", links, link => identities.Add(new()
        {
            IdentityProvider = Text(link, "socialProvider"), UserId = Text(link, "socialUserId"), UserName = Text(link, "socialUsername"),
        }));
        return identities;
    }

    // Realms had one RSA key of their own before there were key providers.
    private void TakeOldKeys()
    {
        if (string.IsNullOrEmpty(file.PrivateKey) || file.Components?.ContainsKey(DefaultComponents.KeyProvider) is true)
        {
            return;
        }

        (file.Components ??= [])[DefaultComponents.KeyProvider] =
        [
            Imported("rsa"), Imported("rsa-enc"),
            new() { Name = "hmac-generated-hs512", ProviderId = "hmac-generated", Config = new() { ["priority"] = ["100"], ["algorithm"] = ["HS512"] } },
            new() { Name = "aes-generated", ProviderId = "aes-generated", Config = new() { ["priority"] = ["100"] } },
        ];

        ComponentExportRepresentation Imported(string provider)
        {
            var config = new Dictionary<string, List<string>> { ["privateKey"] = [file.PrivateKey], ["priority"] = ["100"] };
            if (file.Certificate is { Length: > 0 } certificate)
            {
                config["certificate"] = [certificate];
            }

            return new() { Name = provider, ProviderId = provider, Config = config };
        }
    }
}
