using Castellan.Core.Authorization;
using Castellan.Core.Clients;
using Castellan.Core.Organizations;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Core.Users;

namespace Castellan.Core.Realms.Export;

/// <summary>What of a realm goes into its representation.</summary>
/// <param name="Clients">Clients with their scope mappings.</param>
/// <param name="GroupsAndRoles">Groups, and roles of the realm and of the clients.</param>
/// <param name="Masked">
/// How a component is shown when secrets are not, <c>**********</c> in their place: the partial export of the admin API. Null shows everything.
/// </param>
/// <param name="MaskedStep">The same for the settings of a step of a flow.</param>
public sealed record ExportOptions(
    bool Clients = true, bool GroupsAndRoles = true, Func<ComponentRepresentation, ComponentRepresentation>? Masked = null,
    Func<AuthenticatorConfigRepresentation, AuthenticatorConfigRepresentation>? MaskedStep = null);

/// <summary>Turns realms back into the representations that <see cref="Import.RealmImport"/> reads, in Keycloak's form.</summary>
public sealed partial class RealmExport(IConfigurationStore store, IUserStore users, IOrganizationStore organizations, IAuthorizationStore authorization)
{
    /// <summary>The version that exports carry: of the Keycloak whose form they have.</summary>
    public const string KeycloakVersion = "26.7.4";

    /// <summary>What stands in place of a secret.</summary>
    public const string Mask = "**********";

    /// <summary>The realm without its people.</summary>
    public async Task<RealmRepresentation> ConfigurationAsync(Realm realm, ExportOptions options, CancellationToken ct = default)
    {
        var isMasked = options.Masked is not null;
        var clients = await store.ListClientsAsync(realm.Id, new(), ct: ct);
        var clientIds = clients.ToDictionary(c => c.Representation.Id!, c => c.Representation.ClientId ?? "", StringComparer.Ordinal);
        var r = realm.Settings.ShallowCopy();
        r.DefaultRole = DefaultRole(realm);
        r.RequiredActions = [.. realm.Data.RequiredActions.OrderBy(a => a.Priority)];
        r.AuthenticationFlows = [.. realm.Data.Flows.OrderBy(f => f.Alias, StringComparer.Ordinal).Select(Flow)];
        r.AuthenticatorConfig = [.. realm.Data.AuthenticatorConfigs.OrderBy(c => c.Alias, StringComparer.Ordinal).Select(options.MaskedStep ?? (c => c))];
        r.ClientScopes = [.. realm.Scopes.Select(s => s.Representation)];
        r.Components = Components(realm, options.Masked ?? (c => c));
        r.IdentityProviders = [.. realm.Data.IdentityProviders.OrderBy(p => p.Alias, StringComparer.Ordinal).Select(p => Provider(p, isMasked))];
        r.IdentityProviderMappers = [.. realm.Data.IdentityProviderMappers];
        r.KeycloakVersion = KeycloakVersion;
        r.Organizations = isMasked || realm.Settings.OrganizationsEnabled is not true ? null : await OrganizationsAsync(realm, clientIds, ct);
        r.DefaultGroups = realm.DefaultGroupPaths;
        r.HideUnset();
        r.SmtpServer = isMasked ? WithMasked(r.SmtpServer, "password", "authTokenClientSecret") : r.SmtpServer;

        if (options.Clients)
        {
            r.Clients = [.. clients.OrderBy(c => c.Representation.ClientId, StringComparer.Ordinal).Select(c => Client(c.Representation, isMasked))];
            await AddAuthorizationAsync(realm, r.Clients, ct);
        }

        if (options.Clients && isMasked)
        {
            r.Users = await ServiceAccountsAsync(realm, clients, clientIds, options.GroupsAndRoles, ct);
        }

        (r.ScopeMappings, r.ClientScopeMappings) = ScopeMappings(realm, options.Clients ? clients : [], clientIds);
        if (options.GroupsAndRoles)
        {
            r.Roles = Roles(realm, clientIds);
            r.Roles.Client = options.Clients ? r.Roles.Client : null;
            r.Groups = [.. realm.Groups.Children(null).Select(g => GroupOf(realm, realm.Groups, g, clientIds))];
        }

        return r;
    }

    private static RoleRepresentation? DefaultRole(Realm realm) =>
        realm.Settings.DefaultRole?.Id is { } id && realm.Roles.Find(id) is { } role
            ? new() { Id = role.Id, Name = role.Name, Description = role.Description, Composite = role.IsComposite, ClientRole = false, ContainerId = realm.Id }
            : realm.Settings.DefaultRole;

    private static AuthenticationFlowRepresentation Flow(AuthenticationFlowRepresentation flow) => new()
    {
        Id = flow.Id, Alias = flow.Alias, Description = flow.Description, ProviderId = flow.ProviderId, TopLevel = flow.TopLevel, BuiltIn = flow.BuiltIn,
        AuthenticationExecutions = [.. (flow.AuthenticationExecutions ?? []).OrderBy(e => e.Priority).Select(e => new AuthenticationExecutionExportRepresentation
        {
            AuthenticatorConfig = e.AuthenticatorConfig, Authenticator = e.Authenticator, AuthenticatorFlow = e.AuthenticatorFlow, Requirement = e.Requirement,
            Priority = e.Priority, AutheticatorFlow = e.AuthenticatorFlow, FlowAlias = e.FlowAlias, UserSetupAllowed = e.UserSetupAllowed,
        })],
    };

    private static ClientRepresentation Client(ClientRepresentation client, bool masked)
    {
        var copy = client.ShallowCopy();
        copy.RegistrationAccessToken = null;
        if (masked && copy.Secret is not null)
        {
            copy.Secret = Masked(copy.Secret);
        }

        copy.Attributes = masked ? WithMasked(copy.Attributes, "client.secret.rotated") : copy.Attributes;

        return copy;
    }

    /// <summary>Stars, unless the secret only says where in a vault it lies.</summary>
    public static string Masked(string secret) => secret is ['$', '{', 'v', 'a', 'u', 'l', 't', '.', .., '}'] ? secret : Mask;

    private static IdentityProviderRepresentation Provider(IdentityProviderRepresentation provider, bool masked)
    {
        // Which organization a provider belongs to stands with the organization.
        var copy = provider.ShallowCopy();
        copy.OrganizationId = null;
        copy.Types = masked ? [.. IdentityProviderTypes.Of(copy.ProviderId)] : copy.Types;
        copy.Config = masked ? WithMasked(copy.Config, "clientSecret") : copy.Config;
        return copy;
    }

    private static Dictionary<string, string?>? WithMasked(Dictionary<string, string?>? settings, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (settings?.GetValueOrDefault(name) is { } secret)
            {
                settings = new(settings) { [name] = Masked(secret) };
            }
        }

        return settings;
    }

    private static RolesRepresentation Roles(Realm realm, Dictionary<string, string> clientIds)
    {
        var byClient = realm.Roles.All.Where(r => r.ClientId is not null).ToLookup(r => r.ClientId!);
        return new()
        {
            Realm = [.. realm.Roles.All.Where(r => r.ClientId is null).OrderBy(r => r.Name, StringComparer.Ordinal).Select(r => RoleOf(realm, r, clientIds))],
            Client = clientIds.Where(c => c.Value.Length > 0).OrderBy(c => c.Value, StringComparer.Ordinal).ToDictionary(
                c => c.Value, c => byClient[c.Key].OrderBy(r => r.Name, StringComparer.Ordinal).Select(r => RoleOf(realm, r, clientIds)).ToList()),
        };
    }

    private static RoleRepresentation RoleOf(Realm realm, Role role, Dictionary<string, string> clientIds)
    {
        var parts = role.Composites.Select(realm.Roles.Find).OfType<Role>().ToList();
        return new()
        {
            Id = role.Id, Name = role.Name, Description = role.Description, Composite = parts.Count > 0, ClientRole = role.ClientId is not null,
            ContainerId = role.ClientId ?? realm.Id, Attributes = role.Attributes is null ? [] : new(role.Attributes),
            Composites = parts.Count == 0 ? null : new()
            {
                Realm = parts.Any(p => p.ClientId is null) ? RealmNames(parts) : null,
                Client = parts.Any(p => p.ClientId is not null) ? ClientNames(parts, clientIds) : null,
            },
        };
    }

    private static List<string> RealmNames(IEnumerable<Role> roles) =>
        [.. roles.Where(r => r.ClientId is null).Select(r => r.Name).Order(StringComparer.Ordinal)];

    private static Dictionary<string, List<string>> ClientNames(IEnumerable<Role> roles, Dictionary<string, string> clientIds) =>
        roles.Where(r => r.ClientId is not null && clientIds.ContainsKey(r.ClientId)).GroupBy(r => clientIds[r.ClientId!]).OrderBy(g => g.Key, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Select(r => r.Name).Order(StringComparer.Ordinal).ToList());

    private static GroupRepresentation GroupOf(Realm realm, Groups.GroupTree groups, Groups.Group group, Dictionary<string, string> clientIds)
    {
        var roles = group.RoleIds.Select(realm.Roles.Find).OfType<Role>().ToList();
        return new()
        {
            Id = group.Id, Name = group.Name, Description = group.Representation.Description, Path = groups.Path(group), ParentId = group.ParentId,
            SubGroups = [.. groups.Children(group.Id).Select(g => GroupOf(realm, groups, g, clientIds))], Attributes = group.Representation.Attributes ?? [],
            RealmRoles = RealmNames(roles), ClientRoles = ClientNames(roles, clientIds),
        };
    }

    private static (List<ScopeMappingRepresentation>?, Dictionary<string, List<ScopeMappingRepresentation>>?) ScopeMappings(
        Realm realm, List<ClientData> clients, Dictionary<string, string> clientIds)
    {
        var owners = clients.Where(c => c.Representation.ClientId is not null)
            .OrderBy(c => c.Representation.ClientId, StringComparer.Ordinal)
            .Select(c => (Make: (Func<ScopeMappingRepresentation>)(() => new() { Client = c.Representation.ClientId }), Ids: c.ScopeRoleIds))
            .Concat(realm.Scopes.Select(s => (Make: (Func<ScopeMappingRepresentation>)(() => new() { ClientScope = s.Name }), Ids: s.RoleIds)));
        var ofRealm = new List<ScopeMappingRepresentation>();
        var ofClients = new Dictionary<string, List<ScopeMappingRepresentation>>();
        foreach (var (make, ids) in owners)
        {
            foreach (var group in ids.Select(realm.Roles.Find).OfType<Role>().GroupBy(r => r.ClientId))
            {
                if (group.Key is { } owner && !clientIds.ContainsKey(owner))
                {
                    continue;
                }

                var mapping = make();
                mapping.Roles = [.. group.Select(r => r.Name).Order(StringComparer.Ordinal)];
                var list = group.Key is null ? ofRealm : Of(clientIds[group.Key]);
                list.Add(mapping);
            }
        }

        return (ofRealm.Count == 0 ? null : ofRealm, ofClients.Count == 0 ? null : ofClients);

        List<ScopeMappingRepresentation> Of(string clientId) =>
            ofClients.TryGetValue(clientId, out var list) ? list : ofClients[clientId] = [];
    }
}
