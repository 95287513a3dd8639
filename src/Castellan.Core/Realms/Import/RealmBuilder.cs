using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

/// <summary>
/// Turns one realm representation into the writes that make the realm. The order of work is Keycloak's: settings, scopes, flows, clients, roles,
/// scope mappings, groups, components, identity providers, people, organizations. The first refusal ends it; nothing is written here.
/// </summary>
internal sealed partial class RealmBuilder(RealmRepresentation file, ImportTools tools)
{
    private readonly Dictionary<string, ClientScopeRepresentation> _scopes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ClientRepresentation> _clients = new(StringComparer.Ordinal);
    private readonly Dictionary<(string? ClientId, string Name), RoleRepresentation> _roles = [];
    private readonly Dictionary<string, GroupRepresentation> _groupsByPath = new(StringComparer.Ordinal);
    private readonly HashSet<(RoleOwner, string, string)> _mapped = [];
    private readonly HashSet<(string Kind, string Id)> _ids = [];
    private RoleRepresentation _defaultRole = null!;
    private List<string> _defaultGroupIds = [];

    public string RealmId { get; } = string.IsNullOrEmpty(file.Id) ? Ids.New() : file.Id;

    public string Name => file.Realm!;

    /// <summary>Client ids whose service accounts come with the people, where those are not in the representation.</summary>
    public HashSet<string> ServiceAccountsElsewhere { get; init; } = [];

    /// <summary>Whether this is the realm that a new installation makes for itself, which is no import.</summary>
    public bool IsFirst { get; init; }

    /// <summary>Whether the representation is all of the realm, and no parts for one that is there.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>How many people there are so far.</summary>
    public int UserCount => _userIds.Count;

    /// <summary>Why the file is refused, or null.</summary>
    public ProtocolError? Refusal { get; private set; }

    /// <summary>The writes so far.</summary>
    public List<Change> Changes { get; } = [];

    /// <summary>Everything but people and organizations.</summary>
    public bool BuildConfiguration() => Steps(
        CheckNames, Modernise, BuildScopes, BuildFlows, BuildClients, BuildRoles, BuildDefaultRole, BuildScopeMappings, Migrate, BuildGroups,
        BuildComponents, BuildIdentityProviders, BuildSettings);

    /// <summary>The people in the file, and the service accounts that clients need and the file does not have.</summary>
    public bool BuildPeople() => Steps(() => BuildUsers(FilePerson.Of(file.Users)), BuildServiceAccounts, BuildAuthorizationRole, BuildOrganizations, BuildAuthorization);

    private bool Steps(params ReadOnlySpan<Action> steps)
    {
        foreach (var step in steps)
        {
            if (Refusal is null)
            {
                step();
            }
        }

        return Refusal is null;
    }

    /// <summary>Notes a refusal; the first one stays. <paramref name="place"/> is where in the file, for commands and the log.</summary>
    private void Refuse(string place, string message, int status = 400) => Refusal ??= new("invalid_realm", message, status, place);

    /// <summary>Notes a refusal of what Keycloak fails on: it says no more than that, so the answer is ours and names the place.</summary>
    private void RefuseFault(string place, string message) => Refusal ??= new(Refusals.Fault, message, 400, place);

    private void RefuseDuplicate(string place) => Refuse(place, Refusals.Duplicate, 409);

    /// <summary>Refuses a text that is longer than its column in Keycloak, where the same file would be refused too.</summary>
    private void CheckLength(string place, string? text, int length)
    {
        if (text?.Length > length)
        {
            Refuse($"{place}: longer than {length} characters", Refusals.Database);
        }
    }

    private void CheckNames()
    {
        CheckLength("realm", file.Realm, 230);
        CheckLength("id", file.Id, 36);
        CheckLength("loginTheme", file.LoginTheme, 255);
        CheckLength("accountTheme", file.AccountTheme, 255);
        CheckLength("adminTheme", file.AdminTheme, 255);
        CheckLength("emailTheme", file.EmailTheme, 255);
    }

    /// <summary>An id is of one thing of its kind: a second would take the place of the first.</summary>
    private void TakeId(string kind, string id, string place)
    {
        if (!_ids.Add((kind, id)))
        {
            RefuseDuplicate($"{place}: another has the id {id}");
        }
    }

    private void AddPart(PartKind kind, string id, string? name, object document, string place)
    {
        TakeId(kind.ToString(), id, place);
        Changes.Add(new PutPart(kind, id, name, document) { IsNew = true });
    }

    private RoleRepresentation AddRole(RoleRepresentation role)
    {
        _roles[(role.ClientRole is true ? role.ContainerId : null, role.Name!)] = role;
        TakeId("role", role.Id!, $"roles[{role.Name}]");
        Changes.Add(new PutRole(role) { IsNew = true });
        return role;
    }

    private void Map(RoleOwner kind, string ownerId, RoleRepresentation role)
    {
        // People are too many to remember; a mapping that exists already stays.
        if (kind == RoleOwner.User || _mapped.Add((kind, ownerId, role.Id!)))
        {
            Changes.Add(new AddRole(kind, ownerId, role.Id!));
        }
    }

    private RoleRepresentation? FindRealmRole(string name) => _roles.GetValueOrDefault((null, name));

    private RoleRepresentation? FindClientRole(ClientRepresentation client, string name) => _roles.GetValueOrDefault((client.Id, name));

    // Roles that users, groups and scope mappings name are made when the file does not define them.
    private RoleRepresentation RealmRole(string name) =>
        FindRealmRole(name.Trim()) ?? AddRole(new() { Id = Ids.New(), Name = name.Trim(), ClientRole = false, ContainerId = RealmId, Attributes = [] });

    private RoleRepresentation ClientRole(ClientRepresentation client, string name) =>
        FindClientRole(client, name.Trim()) ?? AddRole(new() { Id = Ids.New(), Name = name.Trim(), ClientRole = true, ContainerId = client.Id, Attributes = [] });
}
