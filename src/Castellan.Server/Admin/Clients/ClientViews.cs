using Castellan.Core.Clients;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Roles;

namespace Castellan.Server.Admin.Clients;

/// <summary>How clients are shown.</summary>
internal static class ClientViews
{
    /// <param name="access">With what the caller may do with it.</param>
    public static ClientRepresentation Show(this AdminContext context, Client client, bool access = true)
    {
        var shown = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        shown.SurrogateAuthRequired ??= false;
        shown.AlwaysDisplayInConsole ??= false;
        shown.AuthenticationFlowBindingOverrides ??= [];
        shown.Attributes = shown.Attributes?.Where(a => !string.IsNullOrEmpty(a.Value)).ToDictionary(StringComparer.Ordinal) ?? [];
        shown.DefaultClientScopes = [.. client.DefaultScopes.Select(s => s.Name)];
        shown.OptionalClientScopes = [.. client.OptionalScopes.Select(s => s.Name)];
        shown.ProtocolMappers = shown.ProtocolMappers is { Count: > 0 } mappers ? mappers : null;
        shown.RegisteredNodes = shown.RegisteredNodes is { Count: > 0 } nodes ? nodes : null;
        shown.AuthorizationServicesEnabled = shown.AuthorizationServicesEnabled is true ? true : null;
        (shown.AuthorizationSettings, shown.RegistrationAccessToken, shown.DefaultRoles) = (null, null, null);
        if (client.IsPublic)
        {
            shown.Secret = null;
        }

        shown.Access = access ? Access(context, client) : null;
        return shown;
    }

    /// <summary>
    /// Whether the caller may change a client. Those whose roles administer realms are for whole administrators alone, and nobody reaches the permissions
    /// of administrators by managing clients.
    /// </summary>
    public static bool MayManage(this AdminContext context, Client client) => context.Rights.On(client, "manage")
        && client.Id != context.Realm.Settings.AdminPermissionsClient?.Id
        && (context.Realm.Name == "master"
            ? context.Caller.IsServerAdmin || !Granting.IsManagementClient(master: true, client.ClientId)
            : context.Roles.Has("realm-admin") || !Granting.IsManagementClient(master: false, client.ClientId));

    private static Dictionary<string, bool> Access(AdminContext context, Client client)
    {
        var manage = context.MayManage(client);
        return new(StringComparer.Ordinal) { ["view"] = context.Rights.On(client, "view"), ["configure"] = manage, ["manage"] = manage };
    }
}
