using System.Text.Json;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    // Names and shapes of old releases, brought into today's before anything is read.
    private void Modernise()
    {
        TakeOldClients("applications", file.Applications);
        TakeOldClients("oauthClients", file.OauthClients);
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

    private void TakeOldClients(string place, JsonElement? list)
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
                (file.Clients ??= []).Add(client);
            }
            catch (JsonException error)
            {
                Refuse(place + error.Path, Refusals.Unreadable);
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

    private void TakeFederation()
    {
    }

    private bool IsMigrated => false;

    private void AddMigratedScopes()
    {
    }

    private void MigrateFlows()
    {
    }

    private static void MigrateRequiredActions(List<RequiredActionProviderRepresentation> actions)
    {
    }
}
