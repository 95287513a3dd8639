using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>People of directories: how they are looked for, and how one is shown.</summary>
internal sealed class DirectoryPeople(IUserStore stored, IRealms realms, IClients clients, IDirectory directory, TimeProvider time, DirectoryReports reports)
{
    /// <summary>How many people are looked up in one search.</summary>
    private const int Chunk = 50;

    private readonly DirectoryPictures _pictures = new(time);

    public DirectoryReports Reports => reports;

    public FederationContext Context(Realm realm, LdapFederation federation, CancellationToken ct) => new(realm, federation, directory, realms, clients, ct);

    /// <summary>What was believed of a person is asked for again.</summary>
    public void Forget(string realmId, string userId) => _pictures.Forget(realmId, userId);

    /// <summary>The entry of somebody whom we have shown, asked for anew; null when it is gone.</summary>
    public ValueTask<DirectoryPicture?> EntryAsync(FederationContext context, User user) => _pictures.PictureAsync(context, user, anew: true);

    public DirectoryImport Import(FederationContext context) => new(context, stored, time, reports);

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
            return DirectoryViews.Unavailable(user, federation);
        }

        var context = Context(realm, federation, ct);
        try
        {
            return await _pictures.PictureAsync(context, user, anew) is { } picture ? await DirectoryViews.ShowAsync(context, user, picture) : await GoneAsync(context, user);
        }
        catch (DirectoryException e)
        {
            reports.Unavailable(realm, federation, e);
            return DirectoryViews.Unavailable(user, federation);
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
            var picture = await _pictures.PictureAsync(
                context, id, anew: false, () => context.FirstAsync(federation.Search(LdapFilter.Is(federation.UsernameAttribute, name), limit: 1)));
            return picture is null ? null : await DirectoryViews.VisitorAsync(context, picture);
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
        var picture = _pictures.Of(entry);
        if (!context.Federation.Imports)
        {
            return await DirectoryViews.VisitorAsync(context, picture);
        }

        if (await Import(context).RunAsync(picture, update: false) is not { User: { } user })
        {
            return null;
        }

        _pictures.Remember(context, user.Id, picture);
        return await DirectoryViews.ShowAsync(context, user, picture);
    }

    private async ValueTask SeeAsync(FederationContext context, User[] users, Dictionary<string, User?> seen)
    {
        var federation = context.Federation;
        if (!federation.IsEnabled)
        {
            foreach (var user in users)
            {
                seen[user.Id] = DirectoryViews.Unavailable(user, federation);
            }

            return;
        }

        try
        {
            var found = await _pictures.PicturesAsync(context, users.Where(u => _pictures.Known(context, u.Id) is null));
            foreach (var user in users)
            {
                // A directory may cut its answer off (RFC 4511 §4.5.1.4): who is not in it is asked for alone before they are taken for gone.
                seen[user.Id] = (found.GetValueOrDefault(user.Id) ?? await _pictures.PictureAsync(context, user, anew: false)) is { } picture
                    ? DirectoryViews.Show(federation, user, picture) : await GoneAsync(context, user);
            }
        }
        catch (DirectoryException e)
        {
            reports.Unavailable(context.Realm, federation, e);
            foreach (var user in users)
            {
                seen[user.Id] = DirectoryViews.Unavailable(user, federation);
            }
        }
    }

    private async ValueTask<User?> GoneAsync(FederationContext context, User user)
    {
        if (!context.Federation.RemovesTheGone)
        {
            return DirectoryViews.Unavailable(user, context.Federation);
        }

        await context.ApplyAsync(new DeleteUser(user.Id));
        return null;
    }
}
