using System.Text.Json;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

public sealed partial class RealmImport
{
    /// <summary>
    /// Gives a realm another name, together with the settings that come with it. The client that administers it is renamed too, and the built-in
    /// clients whose addresses hold the name.
    /// </summary>
    public async Task<Result<string>> RenameAsync(Realm realm, RealmRepresentation settings, string name, CancellationToken ct = default)
    {
        if (realm.Name == Master)
        {
            return new ProtocolError("invalid_realm", "Can't rename master realm");
        }

        if (Refusals.OfName(name, null) is { } refusal)
        {
            return refusal;
        }

        if (await store.FindRealmIdAsync(name, ct) is not null)
        {
            return new ProtocolError("invalid_realm", "Realm with same name exists", 409, "realm");
        }

        var administration = await AdministrationOfAsync(realm.Name, ct);
        settings.Realm = name;
        var changes = new ChangeSet(realm.Id).Add(new PutRealm(settings));
        foreach (var clientId in (string[])[DefaultClients.AdminConsole, DefaultClients.Account, DefaultClients.AccountConsole])
        {
            if (await clients.FindAsync(realm, clientId, ct) is { } client)
            {
                changes.Add(new PutClient(Move(client.Representation, realm.Name, name)));
            }
        }

        await realms.ApplyAsync(changes, ct);
        if (administration is (var master, { } found))
        {
            var renamed = Copy(found.Representation);
            (renamed.ClientId, renamed.Name) = (DefaultClients.AdministrationName(name), name + " Realm");
            await realms.ApplyAsync(new ChangeSet(master.Id).Add(new PutClient(renamed)), ct);
        }

        return realm.Id;
    }

    private static ClientRepresentation Move(ClientRepresentation client, string from, string to)
    {
        var moved = Copy(client);
        moved.BaseUrl = moved.BaseUrl is null ? null : Replace(moved.BaseUrl);
        moved.RedirectUris = moved.RedirectUris is null ? null : [.. moved.RedirectUris.Select(Replace)];
        return moved;

        string Replace(string url) => url
            .Replace($"/admin/{from}/", $"/admin/{to}/", StringComparison.Ordinal)
            .Replace($"/realms/{from}/", $"/realms/{to}/", StringComparison.Ordinal);
    }

    private static ClientRepresentation Copy(ClientRepresentation client) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(client, AdminJson.Default.ClientRepresentation), AdminJson.Default.ClientRepresentation)!;
}
