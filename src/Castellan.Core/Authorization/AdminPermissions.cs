using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Authorization;

/// <summary>The client that holds the fine-grained permissions of administrators. It is made when a realm first asks for them, and stays.</summary>
public static class AdminPermissions
{
    /// <summary>The changes that make the client; the settings name it afterwards.</summary>
    /// <param name="settings">The realm's settings as they will be.</param>
    public static async ValueTask<List<Change>> MakeAsync(Realm realm, RealmRepresentation settings, IPrincipals principals, CancellationToken ct)
    {
        var client = DefaultClients.MakeAdminPermissions();
        client.Id = string.IsNullOrEmpty(client.Id) ? Ids.New() : client.Id;
        var contents = client.AuthorizationSettings!;
        client.AuthorizationSettings = new()
        {
            AllowRemoteResourceManagement = contents.AllowRemoteResourceManagement, PolicyEnforcementMode = contents.PolicyEnforcementMode,
            DecisionStrategy = contents.DecisionStrategy, AuthorizationSchema = contents.AuthorizationSchema,
        };
        client.DefaultClientScopes = [.. (realm.Settings.DefaultDefaultClientScopes ?? []).Where(Fits)];
        client.OptionalClientScopes = [.. (realm.Settings.DefaultOptionalClientScopes ?? []).Where(Fits)];
        settings.AdminPermissionsClient = new() { Id = client.Id, ClientId = client.ClientId };
        var read = await new SettingsImport(client.Id, new([], [], []), principals).ReadAsync(contents, ct);
        return read.Ok(out var changes, out var error) ? [new PutClient(client), .. changes] : throw new InvalidOperationException(error.Description);

        bool Fits(string name) => realm.FindScope(name) is { } scope && (scope.Representation.Protocol ?? "openid-connect") == "openid-connect";
    }
}
