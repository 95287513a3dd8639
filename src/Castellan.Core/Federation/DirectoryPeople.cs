using System.Collections.Concurrent;
using Castellan.Core.Clients;
using Castellan.Core.Federation.Mappers;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>People of directories: how they are looked for, and how one is shown.</summary>
internal sealed class DirectoryPeople(IUserStore stored, IRealms realms, IClients clients, IDirectory directory, TimeProvider time, DirectoryReports reports)
{
    private const int MaxPictures = 10_000;

    /// <summary>How many people are looked up in one search.</summary>
    private const int Chunk = 50;

    private readonly ConcurrentDictionary<(string RealmId, string UserId), (LdapFederation Federation, DirectoryPicture Picture)> _pictures = new();

    public DirectoryReports Reports => reports;

    public FederationContext Context(Realm realm, LdapFederation federation, CancellationToken ct) => new(realm, federation, directory, realms, clients, ct);

    public DirectoryImport Import(FederationContext context) => new(context, stored, time, reports);

    /// <summary>What was believed of a person is asked for again.</summary>
    public void Forget(string realmId, string userId) => _pictures.TryRemove((realmId, userId), out _);

    /// <summary>A user as it is to be shown; null when the directory does not have it any more, and then it is gone here too.</summary>
    /// <param name="anew">Whether the directory is asked in any case.</param>
    public async ValueTask<User?> SeeAsync(Realm realm, User user, CancellationToken ct, bool anew = false)
    {
        if (RealmFederations.Of(realm).Find(user.Representation.FederationLink) is not { } federation)
        {
            return user;
        }

        if (!federation.IsEnabled)
        {
            return Unavailable(user, federation);
        }

        var context = Context(realm, federation, ct);
        try
        {
            return await PictureAsync(context, user, anew) is { } picture ? await ShowAsync(context, user, picture) : await GoneAsync(context, user);
        }
        catch (DirectoryException e)
        {
            reports.Unavailable(realm, federation, e);
            return Unavailable(user, federation);
        }
    }

    /// <summary>Users of a list as they are to be shown, without those who are gone. Their roles and groups are those that are kept here.</summary>
    public async ValueTask<List<User>> SeeAsync(Realm realm, List<User> users, CancellationToken ct)
    {
        var federations = RealmFederations.Of(realm);
        if (!users.Exists(u => federations.Find(u.Representation.FederationLink) is not null))
        {
            return users;
        }

        var seen = new Dictionary<string, User?>(StringComparer.Ordinal);
        foreach (var linked in users.Where(u => federations.Find(u.Representation.FederationLink) is not null).GroupBy(u => u.Representation.FederationLink!, StringComparer.Ordinal))
        {
            var federation = federations.Find(linked.Key)!;
            foreach (var chunk in linked.Chunk(Chunk))
            {
                await SeeAsync(Context(realm, federation, ct), chunk, seen);
            }
        }

        return [.. users.Select(u => seen.TryGetValue(u.Id, out var shown) ? shown : u).OfType<User>()];
    }

    /// <summary>The entry of a linked user, asked for anew; null when there is none.</summary>
    public ValueTask<DirectoryPicture?> PictureAsync(FederationContext context, User user, bool anew) => PictureAsync(
        context, user.Id, anew,
        () => user.Attribute(ReservedAttributes.LdapId) is { Length: > 0 } id ? context.FirstAsync(context.Federation.Known(LdapIds.Filter(context.Federation.IdAttribute, id), limit: 1)) : new((LdapEntry?)null));

    /// <summary>The entry of somebody whom we have shown, asked for anew; null when it is gone.</summary>
    public ValueTask<DirectoryPicture?> EntryAsync(FederationContext context, User user) => PictureAsync(context, user, anew: true);

    /// <summary>The first person whom a directory finds, brought in and shown; null for nobody.</summary>
    public async ValueTask<User?> FindAsync(Realm realm, Func<LdapFederation, LdapFilter?> wanted, CancellationToken ct)
    {
        foreach (var federation in RealmFederations.Of(realm).Enabled)
        {
            if (wanted(federation) is not { } filter)
            {
                continue;
            }

            var context = Context(realm, federation, ct);
            try
            {
                if (await context.FirstAsync(federation.Search(filter, limit: 1)) is { } entry)
                {
                    return await BringAsync(context, entry);
                }
            }
            catch (DirectoryException e)
            {
                reports.Unavailable(realm, federation, e);
            }
        }

        return null;
    }

    /// <summary>A person of a federation without import, by the id that such people have.</summary>
    public async ValueTask<User?> FindVisitorAsync(Realm realm, LdapFederation federation, string name, string id, CancellationToken ct)
    {
        if (!federation.IsEnabled || federation.Imports)
        {
            return null;
        }

        var context = Context(realm, federation, ct);
        try
        {
            var picture = await PictureAsync(
                context, id, anew: false, () => context.FirstAsync(federation.Search(LdapFilter.Is(federation.UsernameAttribute, name), limit: 1)));
            return picture is null ? null : await VisitorAsync(context, picture);
        }
        catch (DirectoryException e)
        {
            reports.Unavailable(realm, federation, e);
            return null;
        }
    }

    /// <summary>The person of an entry: imported if that is how the federation is, and shown. Null for one who cannot be imported.</summary>
    public async ValueTask<User?> BringAsync(FederationContext context, LdapEntry entry)
    {
        var picture = new DirectoryPicture(entry, time.GetTimestamp());
        if (!context.Federation.Imports)
        {
            return await VisitorAsync(context, picture);
        }

        if (await Import(context).RunAsync(picture, update: false) is not { User: { } user })
        {
            return null;
        }

        Remember(context, user.Id, picture);
        return await ShowAsync(context, user, picture);
    }

    /// <summary>Shows somebody over whom the directory cannot be asked: nobody may sign in whom it might have thrown out.</summary>
    private static User Unavailable(User user, LdapFederation federation)
    {
        var shown = user.Representation.ShallowCopy();
        shown.Enabled = false;
        return user with { Representation = shown, Federated = Federated(federation, isAvailable: false, isKept: true) };
    }

    private static Federated Federated(LdapFederation federation, bool isAvailable, bool isKept) => new(
        federation.Id, federation.Name, federation.IsEnabled, isAvailable, federation.Mode == EditMode.ReadOnly, isKept, federation.Attributes,
        federation.Mode switch { EditMode.Writable => PasswordPlace.Directory, EditMode.ReadOnly => PasswordPlace.Nowhere, _ => PasswordPlace.Here }, federation.ChecksPasswordPolicy);

    private async ValueTask SeeAsync(FederationContext context, User[] users, Dictionary<string, User?> seen)
    {
        var federation = context.Federation;
        if (!federation.IsEnabled)
        {
            foreach (var user in users)
            {
                seen[user.Id] = Unavailable(user, federation);
            }

            return;
        }

        try
        {
            var found = await PicturesAsync(context, users.Where(u => Known(context, u.Id) is null));
            foreach (var user in users)
            {
                // A directory may cut its answer off (RFC 4511 §4.5.1.4): who is not in it is asked for alone before they are taken for gone.
                seen[user.Id] = (found.GetValueOrDefault(user.Id) ?? await PictureAsync(context, user, anew: false)) is { } picture
                    ? Show(federation, user, picture) : await GoneAsync(context, user);
            }
        }
        catch (DirectoryException e)
        {
            reports.Unavailable(context.Realm, federation, e);
            foreach (var user in users)
            {
                seen[user.Id] = Unavailable(user, federation);
            }
        }
    }

    /// <summary>The entries of linked users, as many as one answer has of them, by the users' ids.</summary>
    private async ValueTask<Dictionary<string, DirectoryPicture>> PicturesAsync(FederationContext context, IEnumerable<User> users)
    {
        var pictures = new Dictionary<string, DirectoryPicture>(StringComparer.Ordinal);
        var wanted = users.Where(u => u.Attribute(ReservedAttributes.LdapId) is { Length: > 0 }).ToLookup(u => u.Attribute(ReservedAttributes.LdapId)!, StringComparer.Ordinal);
        if (wanted.Count == 0)
        {
            return pictures;
        }

        var filter = LdapFilter.Any(wanted.Select(w => LdapIds.Filter(context.Federation.IdAttribute, w.Key)));
        await foreach (var entry in context.ListAsync(context.Federation.Known(filter)))
        {
            var picture = new DirectoryPicture(entry, time.GetTimestamp());
            foreach (var user in LdapIds.Of(entry, context.Federation.IdAttribute) is { } id ? wanted[id] : [])
            {
                Remember(context, user.Id, picture);
                pictures[user.Id] = picture;
            }
        }

        return pictures;
    }

    private async ValueTask<DirectoryPicture?> PictureAsync(FederationContext context, string userId, bool anew, Func<ValueTask<LdapEntry?>> read)
    {
        if (!anew && Known(context, userId) is { } known)
        {
            return known;
        }

        if (await read() is not { } entry)
        {
            Forget(context.Realm.Id, userId);
            return null;
        }

        var picture = new DirectoryPicture(entry, time.GetTimestamp());
        Remember(context, userId, picture);
        return picture;
    }

    private DirectoryPicture? Known(FederationContext context, string userId) =>
        _pictures.TryGetValue((context.Realm.Id, userId), out var known) && known.Federation.Component == context.Federation.Component
        && time.GetElapsedTime(known.Picture.Since) < context.Federation.Lifespan
            ? known.Picture
            : null;

    private void Remember(FederationContext context, string userId, DirectoryPicture picture)
    {
        if (context.Federation.Lifespan > TimeSpan.Zero)
        {
            if (_pictures.Count >= MaxPictures)
            {
                _pictures.Clear();
            }

            _pictures[(context.Realm.Id, userId)] = (context.Federation, picture);
        }
    }

    private async ValueTask<User?> GoneAsync(FederationContext context, User user)
    {
        if (!context.Federation.RemovesTheGone)
        {
            return Unavailable(user, context.Federation);
        }

        await context.ApplyAsync(new DeleteUser(user.Id));
        return null;
    }

    private static async ValueTask<User> ShowAsync(FederationContext context, User user, DirectoryPicture picture)
    {
        var belongings = Belongings.Of(user);
        foreach (var mapper in context.Federation.Mappers)
        {
            await mapper.BelongAsync(context, picture, belongings);
        }

        return Show(context.Federation, user, picture) with { RoleIds = [.. belongings.RoleIds], GroupIds = [.. belongings.GroupIds] };
    }

    private static User Show(LdapFederation federation, User user, DirectoryPicture picture)
    {
        var shown = user.Representation.ShallowCopy();
        shown.Attributes = new(shown.Attributes ?? [], StringComparer.Ordinal) { [ReservedAttributes.LdapEntryDn] = [picture.Entry.Dn] };
        foreach (var mapper in federation.Mappers)
        {
            mapper.Show(picture.Entry, shown);
        }

        return user with { Representation = shown, Federated = Federated(federation, isAvailable: true, isKept: true) };
    }

    private static async ValueTask<User?> VisitorAsync(FederationContext context, DirectoryPicture picture)
    {
        var (federation, realm) = (context.Federation, context.Realm);
        if (DirectoryImport.Draft(federation, picture.Entry) is not { } user)
        {
            return null;
        }

        user.Id = RealmFederations.IdOf(federation, picture.Entry.Text(federation.UsernameAttribute)!);
        user.RequiredActions = DirectoryImport.DefaultActions(realm);
        user.CreatedTimestamp = DirectoryImport.MadeAt(user);
        var belongings = new Belongings(new(StringComparer.Ordinal), [.. realm.DefaultGroups.Select(g => g.Id)]);
        if (realm.Settings.DefaultRole?.Id is { } role)
        {
            belongings.RoleIds.Add(role);
        }

        foreach (var mapper in federation.Mappers)
        {
            mapper.Show(picture.Entry, user);
            await mapper.BelongAsync(context, picture, belongings);
        }

        return new User(user, [.. belongings.RoleIds], [.. belongings.GroupIds]) { Federated = Federated(federation, isAvailable: true, isKept: false) };
    }
}
