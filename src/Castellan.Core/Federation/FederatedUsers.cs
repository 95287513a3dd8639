using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>
/// The people of all realms with those of their directories, so that whoever looks for somebody need not know where they live. A realm without a
/// federation pays one look at its picture.
/// </summary>
internal sealed class FederatedUsers(IUserStore stored, IRealms realms, DirectoryPeople people) : IUserStore
{
    /// <summary>People of directories who stand in a list at once, where nobody says how many are wanted.</summary>
    private const int Many = 100_000;

    public ValueTask<User?> FindAsync(string realmId, string id, CancellationToken ct = default) =>
        HasNone(realmId, ct) ? stored.FindAsync(realmId, id, ct) : FindFederatedAsync(realmId, id, ct);

    public ValueTask<User?> FindByUsernameAsync(string realmId, string username, CancellationToken ct = default) =>
        HasNone(realmId, ct) ? stored.FindByUsernameAsync(realmId, username, ct) : NamedAsync(realmId, () => stored.FindByUsernameAsync(realmId, username, ct), f => LdapFilter.Is(f.UsernameAttribute, username), ct);

    public ValueTask<User?> FindByEmailAsync(string realmId, string email, CancellationToken ct = default) =>
        HasNone(realmId, ct)
            ? stored.FindByEmailAsync(realmId, email, ct)
            : NamedAsync(realmId, () => stored.FindByEmailAsync(realmId, email, ct), f => f.AttributeOf("email") is { } attribute ? LdapFilter.Is(attribute, email) : null, ct);

    public ValueTask<User?> FindServiceAccountAsync(string realmId, string clientId, CancellationToken ct = default) => stored.FindServiceAccountAsync(realmId, clientId, ct);

    public async ValueTask<User?> FindByFederatedIdentityAsync(string realmId, string identityProvider, string federatedUserId, CancellationToken ct = default) =>
        await stored.FindByFederatedIdentityAsync(realmId, identityProvider, federatedUserId, ct) is { } user
            ? await FederatedRealmAsync(realmId, ct) is { } realm ? await people.SeeAsync(realm, user, ct) : user
            : null;

    public async ValueTask<List<User>> SearchAsync(string realmId, UserQuery query, int first, int max, CancellationToken ct = default)
    {
        var here = await stored.SearchAsync(realmId, query, first, max, ct);
        if (await FederatedRealmAsync(realmId, ct) is not { } realm)
        {
            return here;
        }

        var found = await people.SeeAsync(realm, here, ct);
        if (max < 0 || here.Count < max)
        {
            var passed = first == 0 ? 0 : Math.Max(0, first - await stored.CountAsync(realmId, query, ct));
            await AddAsync(realm, query, passed, max < 0 ? Many : max - here.Count, found, ct);
        }

        return found;
    }

    /// <summary>Those who are here; a directory is not counted.</summary>
    public ValueTask<int> CountAsync(string realmId, UserQuery query, CancellationToken ct = default) => stored.CountAsync(realmId, query, ct);

    public ValueTask<List<CredentialRepresentation>> CredentialsAsync(string realmId, string userId, CancellationToken ct = default)
    {
        return HasNone(realmId, ct) ? stored.CredentialsAsync(realmId, userId, ct) : WithTheirsAsync();

        async ValueTask<List<CredentialRepresentation>> WithTheirsAsync()
        {
            var kept = await stored.CredentialsAsync(realmId, userId, ct);
            var link = (await stored.FindAsync(realmId, userId, ct))?.Representation.FederationLink;
            return await FederatedRealmAsync(realmId, ct) is { } realm
                && (RealmFederations.Of(realm).Find(link) ?? RealmFederations.Of(realm).Named(userId)?.Federation) is { IsEnabled: true } federation
                ? [.. kept, new CredentialRepresentation { Type = Credentials.Passwords.Type, CreatedDate = -1, FederationLink = federation.Id }]
                : kept;
        }
    }

    public ValueTask<List<FederatedIdentityRepresentation>> FederatedIdentitiesAsync(string realmId, string userId, CancellationToken ct = default) =>
        stored.FederatedIdentitiesAsync(realmId, userId, ct);

    public ValueTask<string?> FederatedTokenAsync(string realmId, string userId, string identityProvider, CancellationToken ct = default) =>
        stored.FederatedTokenAsync(realmId, userId, identityProvider, ct);

    public ValueTask<List<UserConsentRepresentation>> ConsentsAsync(string realmId, string userId, CancellationToken ct = default) => stored.ConsentsAsync(realmId, userId, ct);

    public ValueTask<List<User>> InRoleAsync(string realmId, string roleId, int first, int max, CancellationToken ct = default) =>
        MembersAsync(realmId, (from, most) => stored.InRoleAsync(realmId, roleId, from, most, ct), roleId, null, first, max, ct);

    public ValueTask<List<User>> InGroupAsync(string realmId, string groupId, int first, int max, CancellationToken ct = default) =>
        MembersAsync(realmId, (from, most) => stored.InGroupAsync(realmId, groupId, from, most, ct), null, groupId, first, max, ct);

    public ValueTask<bool> ReplaceCredentialAsync(string realmId, string userId, CredentialRepresentation read, CredentialRepresentation replacement, CancellationToken ct = default) =>
        stored.ReplaceCredentialAsync(realmId, userId, read, replacement, ct);

    public async ValueTask<bool> ProvesPasswordAsync(Realm realm, User user, string password, CancellationToken ct = default)
    {
        if (user.Federated is not { IsAvailable: true } federated || RealmFederations.Of(realm).Find(federated.Id) is not { IsEnabled: true } federation || password.Length == 0)
        {
            return false;
        }

        var context = people.Context(realm, federation, ct);
        try
        {
            if (await people.EntryAsync(context, user) is not { } picture || (federation.Admission(picture.Entry.Dn) is { } admission && await context.FirstAsync(admission) is null))
            {
                return false;
            }

            var answer = await context.BindAsync(picture.Entry.Dn, password);
            return answer.Ok || (federated.IsKept && await PardonedAsync(context, user, answer));
        }
        catch (DirectoryException e)
        {
            people.Reports.Unavailable(realm, federation, e);
            return false;
        }
    }

    /// <summary>Whether nothing has to be asked about federations. A realm that is not in memory is read once.</summary>
    private bool HasNone(string realmId, CancellationToken ct)
    {
        var reading = realms.FindByIdAsync(realmId, ct);
        return reading.IsCompletedSuccessfully && (reading.Result is not { } realm || RealmFederations.Of(realm).None);
    }

    private async ValueTask<Realm?> FederatedRealmAsync(string realmId, CancellationToken ct) =>
        await realms.FindByIdAsync(realmId, ct) is { } realm && !RealmFederations.Of(realm).None ? realm : null;

    private async ValueTask<User?> FindFederatedAsync(string realmId, string id, CancellationToken ct)
    {
        if (await FederatedRealmAsync(realmId, ct) is not { } realm)
        {
            return await stored.FindAsync(realmId, id, ct);
        }

        return RealmFederations.Of(realm).Named(id) is var (federation, name)
            ? await people.FindVisitorAsync(realm, federation, name, id, ct)
            : await stored.FindAsync(realmId, id, ct) is { } user ? await people.SeeAsync(realm, user, ct) : null;
    }

    private async ValueTask<User?> NamedAsync(string realmId, Func<ValueTask<User?>> kept, Func<LdapFederation, LdapFilter?> wanted, CancellationToken ct)
    {
        var user = await kept();
        if (await FederatedRealmAsync(realmId, ct) is not { } realm)
        {
            return user;
        }

        return user is not null && await people.SeeAsync(realm, user, ct) is { } seen ? seen : await people.FindAsync(realm, wanted, ct);
    }

    /// <summary>Adds people of directories who are not here yet, and so brings them in.</summary>
    private async ValueTask AddAsync(Realm realm, UserQuery query, int skip, int room, List<User> found, CancellationToken ct)
    {
        var shown = found.Select(u => u.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var federation in RealmFederations.Of(realm).Enabled)
        {
            if (room <= 0 || DirectoryQueries.Of(federation, query) is not { } wanted)
            {
                continue;
            }

            var context = people.Context(realm, federation, ct);
            try
            {
                await foreach (var entry in context.ListAsync(wanted()))
                {
                    if (federation.Imports && (entry.Text(federation.UsernameAttribute) is not { } name || await stored.FindByUsernameAsync(realm.Id, name.Trim().ToLowerInvariant(), ct) is not null))
                    {
                        continue;
                    }

                    if (skip > 0)
                    {
                        skip--;
                        continue;
                    }

                    if (await people.BringAsync(context, entry) is { } user && query.Only?.NotIds.Contains(user.Id) != true && shown.Add(user.Id))
                    {
                        found.Add(user);
                        if (--room == 0)
                        {
                            break;
                        }
                    }
                }
            }
            catch (DirectoryException e)
            {
                people.Reports.Unavailable(realm, federation, e);
            }
        }
    }

    private async ValueTask<List<User>> MembersAsync(
        string realmId, Func<int, int, ValueTask<List<User>>> kept, string? roleId, string? groupId, int first, int max, CancellationToken ct)
    {
        if (await FederatedRealmAsync(realmId, ct) is not { } realm)
        {
            return await kept(first, max);
        }

        var theirs = new List<User>();
        var any = false;
        foreach (var federation in RealmFederations.Of(realm).Enabled)
        {
            var context = people.Context(realm, federation, ct);
            try
            {
                foreach (var mapper in federation.Mappers)
                {
                    if (await mapper.MembersAsync(context, roleId, groupId) is { } entries)
                    {
                        any = true;
                        foreach (var entry in entries)
                        {
                            if (await people.BringAsync(context, entry) is { } user)
                            {
                                theirs.Add(user);
                            }
                        }
                    }
                }
            }
            catch (DirectoryException e)
            {
                people.Reports.Unavailable(realm, federation, e);
            }
        }

        if (!any)
        {
            return await people.SeeAsync(realm, await kept(first, max), ct);
        }

        var all = (await people.SeeAsync(realm, await kept(0, max < 0 ? max : first + max), ct)).Concat(theirs).DistinctBy(u => u.Id).Skip(first);
        return [.. max < 0 ? all : all.Take(max)];
    }

    /// <summary>Whether the directory refused the right password for a reason that can be dealt with; what has to be done about it is kept.</summary>
    private async ValueTask<bool> PardonedAsync(FederationContext context, User user, DirectoryResult refused)
    {
        if (await stored.FindAsync(context.Realm.Id, user.Id, context.Ct) is not { } kept)
        {
            return false;
        }

        var changed = UserRepresentations.Copy(kept.Representation);
        if (!context.Federation.Mappers.Any(m => m.Pardons(refused, changed)))
        {
            return false;
        }

        await context.ApplyAsync(new PutUser(changed));
        return true;
    }
}
