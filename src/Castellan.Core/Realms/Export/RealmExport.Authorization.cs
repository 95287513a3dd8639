using Castellan.Core.Authorization;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Export;

public sealed partial class RealmExport
{
    /// <summary>What clients protect goes with them.</summary>
    private async Task AddAuthorizationAsync(Realm realm, List<ClientRepresentation> clients, CancellationToken ct)
    {
        var principals = new RealmPrincipals(
            realm, users, (nameOrId, _) => new(clients.Find(c => c.Id == nameOrId || c.ClientId == nameOrId) is { } client ? (client.Id!, client.ClientId ?? "") : null));
        foreach (var client in clients.Where(c => c.AuthorizationServicesEnabled is true))
        {
            var contents = await ResourceServerContents.LoadAsync(authorization, realm.Id, client.Id!, ct);
            client.AuthorizationSettings = await new SettingsExport(client, contents, principals).WriteAsync(ct);
        }
    }
}
