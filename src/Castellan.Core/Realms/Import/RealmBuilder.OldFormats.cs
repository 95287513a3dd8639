using System.Text.Json;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    // Names and shapes of old releases, brought into today's before anything is read.
    private void Modernise()
    {
        TakeOldClients("applications", file.Applications, asksConsent: false);
        TakeOldClients("oauthClients", file.OauthClients, asksConsent: true);
        TakeOldKeys();
        TakeTemplates();
        TakeFederation();
        if (file.Roles?.Application is { } roles)
        {
            file.Roles.Client ??= [];
            foreach (var (client, list) in roles)
            {
                file.Roles.Client.TryAdd(client, list);
            }
        }
    }

    private void TakeOldClients(string place, JsonElement? list, bool asksConsent)
    {
        if (list is not { ValueKind: JsonValueKind.Array } clients)
        {
            return;
        }

        foreach (var element in clients.EnumerateArray())
        {
            try
            {
                var client = element.Deserialize(AdminJson.Default.ClientRepresentation)!;
                (client.ClientId, client.Name) = (client.Name ?? client.ClientId, null);
                if (asksConsent)
                {
                    client.ConsentRequired ??= true;
                    client.FullScopeAllowed ??= false;
                }

                (file.Clients ??= []).Add(client);
            }
            catch (JsonException error)
            {
                var unread = Refusals.NotRead(error);
                Refusal ??= unread with { Detail = $"{place}: {unread.Detail}" };
            }
        }
    }

    // Client templates became client scopes.
    private void TakeTemplates()
    {
        if (file.ClientTemplates is not { ValueKind: JsonValueKind.Array } templates)
        {
            return;
        }

        foreach (var element in templates.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            var scope = new ClientScopeRepresentation
            {
                Id = Text("id"), Name = Text("name")?.Replace(' ', '_'), Description = Text("description"), Protocol = Text("protocol") ?? "openid-connect",
                Attributes = [],
                ProtocolMappers = element.TryGetProperty("protocolMappers", out var mappers) ? mappers.Deserialize(AdminJson.Default.ListProtocolMapperRepresentation) : null,
            };
            _templates.Add(scope);

            string? Text(string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
    }

    private readonly List<ClientScopeRepresentation> _templates = [];

    private void TakeOldTemplate(ClientRepresentation client)
    {
        if (client.ClientTemplate?.Replace(' ', '_') is { } name && _scopes.ContainsKey(name) && !client.DefaultClientScopes!.Contains(name))
        {
            client.DefaultClientScopes.Add(name);
        }

        (client.ClientTemplate, client.UseTemplateConfig, client.UseTemplateMappers, client.UseTemplateScope) = (null, null, null, null);
    }

    // User federation was a list of its own before it became components.
    private void TakeFederation()
    {
        if (file.UserFederationProviders is not { ValueKind: JsonValueKind.Array } providers)
        {
            return;
        }

        foreach (var provider in providers.EnumerateArray().Where(p => p.ValueKind == JsonValueKind.Object))
        {
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
            file.Components ??= [];
            file.Components.TryAdd(DefaultComponents.UserStorage, []);
            file.Components[DefaultComponents.UserStorage].Add(new()
            {
                Id = Text(provider, "id"), Name = display, ProviderId = Text(provider, "providerName"), Config = config, SubComponents = FederationMappers(display),
            });
        }
    }

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
        return list.Count == 0 ? [] : new() { ["org.keycloak.storage.ldap.mappers.LDAPStorageMapper"] = list };
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Dictionary<string, List<string>> Texts(JsonElement element, string name) =>
        element.TryGetProperty(name, out var map) && map.ValueKind == JsonValueKind.Object
            ? map.EnumerateObject().Where(p => p.Value.ValueKind != JsonValueKind.Null).ToDictionary(p => p.Name, p => new List<string> { p.Value.ToString() })
            : [];

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
