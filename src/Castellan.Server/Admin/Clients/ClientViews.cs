using Castellan.Core.Clients;
using Castellan.Core.Representations;

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

    private static Dictionary<string, bool> Access(AdminContext context, Client client)
    {
        // The client whose roles administer the realm is nobody's to manage but its whole administrator's.
        var manage = context.Rights.On(client, "manage") && client.Id != context.Realm.Settings.AdminPermissionsClient?.Id && (client.ClientId != "realm-management" || context.Roles.Has("realm-admin"));
        return new(StringComparer.Ordinal) { ["view"] = context.Rights.On(client, "view"), ["configure"] = manage, ["manage"] = manage };
    }
}
