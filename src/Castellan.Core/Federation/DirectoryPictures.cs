using System.Collections.Concurrent;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>What directories said of people, believed for as long as each federation says.</summary>
internal sealed class DirectoryPictures(TimeProvider time)
{
    private const int MaxPictures = 10_000;

    private readonly ConcurrentDictionary<(string RealmId, string UserId), (LdapFederation Federation, DirectoryPicture Picture)> _pictures = new();

    /// <summary>What is known of an entry from now on.</summary>
    public DirectoryPicture Of(LdapEntry entry) => new(entry, time.GetTimestamp());

    /// <summary>What was believed of a person is asked for again.</summary>
    public void Forget(string realmId, string userId) => _pictures.TryRemove((realmId, userId), out _);

    /// <summary>The entry of a linked user, asked for anew; null when there is none.</summary>
    public ValueTask<DirectoryPicture?> PictureAsync(FederationContext context, User user, bool anew) => PictureAsync(
        context, user.Id, anew,
        () => user.Attribute(ReservedAttributes.LdapId) is { Length: > 0 } id ? context.FirstAsync(context.Federation.Known(LdapIds.Filter(context.Federation.IdAttribute, id), limit: 1)) : new((LdapEntry?)null));

    /// <summary>The entries of linked users, as many as one answer has of them, by the users' ids.</summary>
    public async ValueTask<Dictionary<string, DirectoryPicture>> PicturesAsync(FederationContext context, IEnumerable<User> users)
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
            var picture = Of(entry);
            foreach (var user in LdapIds.Of(entry, context.Federation.IdAttribute) is { } id ? wanted[id] : [])
            {
                Remember(context, user.Id, picture);
                pictures[user.Id] = picture;
            }
        }

        return pictures;
    }

    public async ValueTask<DirectoryPicture?> PictureAsync(FederationContext context, string userId, bool anew, Func<ValueTask<LdapEntry?>> read)
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

        var picture = Of(entry);
        Remember(context, userId, picture);
        return picture;
    }

    public DirectoryPicture? Known(FederationContext context, string userId) =>
        _pictures.TryGetValue((context.Realm.Id, userId), out var known) && known.Federation.Component == context.Federation.Component
        && time.GetElapsedTime(known.Picture.Since) < context.Federation.Lifespan
            ? known.Picture
            : null;

    public void Remember(FederationContext context, string userId, DirectoryPicture picture)
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
}
