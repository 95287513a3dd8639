using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Brokering;

/// <summary>A person as mappers make them: profile, roles and groups, to be written at once.</summary>
public sealed class PersonDraft
{
    private readonly HashSet<string> _hadRoles;
    private readonly HashSet<string> _hadGroups;
    private readonly HashSet<string> _given = [];
    private readonly HashSet<string> _roles;
    private readonly HashSet<string> _groups;
    private readonly UserRepresentation? _before;

    private PersonDraft(Realm realm, UserRepresentation person, UserRepresentation? before, IEnumerable<string> roles, IEnumerable<string> groups)
    {
        (Realm, Person, _before) = (realm, person, before);
        _hadRoles = [.. roles];
        _hadGroups = [.. groups];
        _roles = [.. _hadRoles];
        _groups = [.. _hadGroups];
    }

    public Realm Realm { get; }

    public UserRepresentation Person { get; }

    public static PersonDraft New(Realm realm, UserRepresentation person) => new(realm, person, null, [], []);

    public static PersonDraft Of(Realm realm, User user) => new(realm, UserRepresentations.Copy(user.Representation), user.Representation, user.RoleIds, user.GroupIds);

    /// <summary>Sets a member or an attribute; no values remove it.</summary>
    public void Set(string name, IReadOnlyList<string>? values)
    {
        var first = values is [{ Length: > 0 } value, ..] ? value : null;
        switch (name)
        {
            case UserProfile.Email:
                Person.Email = first?.ToLowerInvariant();
                break;
            case UserProfile.FirstName:
                Person.FirstName = first;
                break;
            case UserProfile.LastName:
                Person.LastName = first;
                break;
            case UserProfile.Username:
                Person.Username = first?.ToLowerInvariant() ?? Person.Username;
                break;
            default:
                if (first is null)
                {
                    Person.Attributes?.Remove(name);
                }
                else
                {
                    (Person.Attributes ??= [])[name] = [.. values!];
                }

                break;
        }
    }

    /// <summary>The id of a role named <c>role</c> or <c>client.role</c>; null when there is none.</summary>
    public string? RoleId(string? name) => name is null ? null : Login.Conditions.RoleCondition.Find(Realm, name);

    /// <summary>The id of a group by its path; null when there is none.</summary>
    public string? GroupId(string? path) => path is null ? null : Realm.Groups.FindByPath(path)?.Id;

    /// <summary>Gives a role, which no other mapper then takes away.</summary>
    public void Grant(string role)
    {
        _roles.Add(role);
        _given.Add(role);
    }

    /// <summary>Takes a role away, unless another mapper gave it in this sign-in.</summary>
    public void Revoke(string role)
    {
        if (!_given.Contains(role))
        {
            _roles.Remove(role);
        }
    }

    public void Join(string group)
    {
        _groups.Add(group);
        _given.Add(group);
    }

    public void Leave(string group)
    {
        if (!_given.Contains(group))
        {
            _groups.Remove(group);
        }
    }

    /// <summary>What must be written; nothing for a person who stayed as they were.</summary>
    public IEnumerable<Change> Changes()
    {
        var id = Person.Id!;
        if (Person.Attributes is { Count: 0 })
        {
            Person.Attributes = null;
        }

        if (_before is null || !Same(_before, Person))
        {
            yield return new PutUser(Person);
        }

        foreach (var role in _roles.Except(_hadRoles))
        {
            yield return new AddRole(RoleOwner.User, id, role);
        }

        foreach (var role in _hadRoles.Except(_roles))
        {
            yield return new RemoveRole(RoleOwner.User, id, role);
        }

        foreach (var group in _groups.Except(_hadGroups))
        {
            yield return new JoinGroup(id, group);
        }

        foreach (var group in _hadGroups.Except(_groups))
        {
            yield return new LeaveGroup(id, group);
        }
    }

    private static bool Same(UserRepresentation a, UserRepresentation b) =>
        System.Text.Json.JsonSerializer.Serialize(a, AdminJson.Default.UserRepresentation) == System.Text.Json.JsonSerializer.Serialize(b, AdminJson.Default.UserRepresentation);
}
