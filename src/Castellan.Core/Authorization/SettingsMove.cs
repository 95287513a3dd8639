using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Authorization;

/// <summary>
/// Moves what clients protect from their documents, where earlier versions kept it, into the store. Each client is one transaction, so that a start
/// that is broken off goes on where it was, and of nodes that start together one moves it.
/// </summary>
public sealed class SettingsMove(IConfigurationStore store, IRealms realms, IClients clients, IUserStore users, IAuthorizationStore authorization)
{
    /// <summary>Returns the clients whose settings cannot be read, each with the reason; they stay as they are.</summary>
    public async ValueTask<List<string>> RunAsync(CancellationToken ct = default)
    {
        var refused = new List<string>();
        foreach (var (realmId, clientId) in await store.AuthorizationToMoveAsync(ct))
        {
            if (await realms.FindByIdAsync(realmId, ct) is not { } realm)
            {
                continue;
            }

            var client = await clients.FindByIdAsync(realm, clientId, ct);
            if (await MoveAsync(realm, clientId, client, ct) is { } refusal)
            {
                refused.Add($"{realm.Name}: {client?.ClientId ?? clientId}: {refusal}");
            }
        }

        return refused;
    }

    private async ValueTask<string?> MoveAsync(Realm realm, string clientId, Client? client, CancellationToken ct)
    {
        var changes = new ChangeSet(realm.Id).Add(new AuthorizationMoved(clientId));
        if (client?.Representation.AuthorizationSettings is { } settings && (settings.Resources ?? []).Count + (settings.Policies ?? []).Count + (settings.Scopes ?? []).Count > 0)
        {
            var contents = await ResourceServerContents.LoadAsync(authorization, realm.Id, client.Id, ct);
            if (!(await new SettingsImport(client.Id, contents, new RealmPrincipals(realm, users, clients)).ReadAsync(settings, ct)).Ok(out var moved, out var error))
            {
                return error.Description ?? error.Code;
            }

            var kept = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(client.Representation, AdminJson.Default.ClientRepresentation), AdminJson.Default.ClientRepresentation)!;
            kept.AuthorizationSettings = new()
            {
                AllowRemoteResourceManagement = settings.AllowRemoteResourceManagement, PolicyEnforcementMode = settings.PolicyEnforcementMode,
                DecisionStrategy = settings.DecisionStrategy, AuthorizationSchema = settings.AuthorizationSchema,
            };
            changes.Add(new PutClient(kept)).Add(moved);
        }

        try
        {
            await realms.ApplyAsync(changes, ct);
        }
        catch (Exception e) when (e is DuplicateException or StaleException)
        {
            // Another node was quicker, or else this is no reason.
            if ((await store.AuthorizationToMoveAsync(ct)).Contains((realm.Id, clientId)))
            {
                return e.Message;
            }
        }

        return null;
    }
}
