using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Core.Saml.Requests.Checks;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Responses;

/// <summary>The names by which clients know people (SAML core §8.3).</summary>
public sealed class NameIds(IUserStore users, IRealms realms, IOneUse oneUse, TimeProvider time)
{
    private const int Rounds = 40;
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(50);

    /// <summary>The kind of name that a client gets.</summary>
    /// <param name="asked">The kind that its request asks for.</param>
    public static string Format(Client client, string? asked) =>
        asked is null || client.Flag(NameIdFormatCheck.Forced) ? SamlNames.NameIdFormat(client.Attribute("saml_name_id_format")) : asked;

    /// <summary>The name of a person for a client; null when they have none of that kind.</summary>
    public async ValueTask<string?> FindAsync(Realm realm, Client client, User user, string format, CancellationToken ct = default) => format switch
    {
        SamlNames.Email => user.Email,
        SamlNames.Transient => New(),
        SamlNames.Persistent => await PersistentAsync(realm, client, user, ct),
        _ => user.Username,
    };

    /// <summary>§8.3.7: one name for one person at one client, which says nothing of the person and is none elsewhere.</summary>
    private async ValueTask<string> PersistentAsync(Realm realm, Client client, User user, CancellationToken ct)
    {
        if (Known(client, user) is { } known)
        {
            return known;
        }

        // Two sign-ins may be the first ones at the same time: one makes the name, the other waits for it. Two names would be two accounts at the client.
        var isFirst = await oneUse.TryAddAsync(realm.Id, OneUseKinds.NewNameId, $"{client.Id} {user.Id}", time.GetUtcNow().AddSeconds(30).ToUnixTimeMilliseconds(), ct);
        for (var round = 0; round < Rounds; round++)
        {
            if (await users.FindAsync(realm.Id, user.Id, ct) is { } now && Known(client, now) is { } made)
            {
                return made;
            }

            if (isFirst)
            {
                break;
            }

            await Task.Delay(s_round, time, ct);
        }

        var name = New();
        if (await users.FindAsync(realm.Id, user.Id, ct) is { } person)
        {
            var changed = UserRepresentations.Copy(person.Representation);
            (changed.Attributes ??= [])[ReservedAttributes.SamlNameId + client.ClientId] = [name];
            await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutUser(changed)), ct);
        }

        return name;
    }

    // As Keycloak keeps them, so that they come and go with its realm files. The user profile shows them to nobody but administrators.
    private static string? Known(Client client, User user) => user.Attribute(ReservedAttributes.SamlNameId + client.ClientId) ?? user.Attribute(ReservedAttributes.SamlNameId + "*");

    private static string New() => "G-" + Ids.New();
}
