using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>Brings in what directories have: everybody, or those who changed since the last time.</summary>
public sealed class DirectorySync
{
    private const string LastFull = "lastSync_FULL";
    private const string LastChanged = "lastSync_CHANGED";

    private readonly DirectoryPeople _people;
    private readonly IUserStore _stored;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, byte> _running = new(StringComparer.Ordinal);

    internal DirectorySync(DirectoryPeople people, IUserStore stored, TimeProvider time) => (_people, _stored, _time) = (people, stored, time);

    /// <summary>What came of it; null when it goes on already. A federation that is off can be brought up to date all the same.</summary>
    /// <exception cref="DirectoryException">The directory cannot be asked.</exception>
    public async ValueTask<SyncResult?> RunAsync(Realm realm, LdapFederation federation, bool onlyChanged, CancellationToken ct)
    {
        if (!_running.TryAdd(federation.Id, 0))
        {
            return null;
        }

        try
        {
            var context = _people.Context(realm, federation, ct);
            var begun = _time.GetUtcNow();
            foreach (var mapper in federation.Mappers)
            {
                await mapper.FromDirectoryAsync(context);
            }

            var result = await PeopleAsync(context, onlyChanged ? Changed(federation) : LdapFilter.Everything);
            await NoteAsync(context, onlyChanged ? LastChanged : LastFull, begun);
            return result;
        }
        finally
        {
            _running.TryRemove(federation.Id, out _);
        }
    }

    /// <summary>Brings in, or out, what one mapper stands for beside people; null where there is nothing of the kind.</summary>
    public async ValueTask<SyncResult?> RunAsync(Realm realm, LdapFederation federation, string mapperId, bool fromDirectory, CancellationToken ct)
    {
        var context = _people.Context(realm, federation, ct);
        return federation.Mappers.FirstOrDefault(m => m.Component.Id == mapperId) is not { } mapper ? null
            : fromDirectory ? await mapper.FromDirectoryAsync(context) : await mapper.ToDirectoryAsync(context);
    }

    public ValueTask RemoveAsync(Realm realm, LdapFederation federation, CancellationToken ct) => FederatedPeople.RemoveAsync(_people.Context(realm, federation, ct), _stored);

    public ValueTask UnlinkAsync(Realm realm, LdapFederation federation, CancellationToken ct) => FederatedPeople.UnlinkAsync(_people.Context(realm, federation, ct), _stored);

    private async ValueTask<SyncResult> PeopleAsync(FederationContext context, LdapFilter which)
    {
        var (added, updated, failed) = (0, 0, 0);
        var import = _people.Import(context);
        await foreach (var entry in context.ListAsync(context.Federation.Search(which)))
        {
            if (!context.Federation.Imports)
            {
                added++;
                continue;
            }

            var (user, outcome) = await import.RunAsync(new DirectoryPicture(entry, _time.GetTimestamp()), update: true);
            if (user is not null)
            {
                _people.Forget(context.Realm.Id, user.Id);
            }

            switch (outcome)
            {
                case ImportOutcome.Added:
                    added++;
                    break;
                case ImportOutcome.Updated:
                    updated++;
                    break;
                default:
                    failed++;
                    break;
            }
        }

        return SyncResult.OfPeople(added, updated, failed);
    }

    /// <summary>Those whose entries were made or changed since the last sync.</summary>
    private static LdapFilter Changed(LdapFederation federation)
    {
        // Until the first release that told the two kinds apart, both were noted under one name.
        var last = ((string[])[LastFull, LastChanged, "lastSync"]).Max(name => int.TryParse(federation.Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0);
        var time = DateTimeOffset.FromUnixTimeSeconds(last).UtcDateTime.ToString("yyyyMMddHHmmss'.0Z'", CultureInfo.InvariantCulture);
        return LdapFilter.Any((federation.IsActiveDirectory ? ["whenCreated", "whenChanged"] : (string[])["createTimestamp", "modifyTimestamp"]).Select(a => LdapFilter.AtLeast(a, time)));
    }

    private static async ValueTask NoteAsync(FederationContext context, string name, DateTimeOffset begun)
    {
        if (context.Realm.Data.Components.FirstOrDefault(c => c.Id == context.Federation.Id) is not { } component)
        {
            return;
        }

        var noted = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(component, AdminJson.Default.ComponentRepresentation), AdminJson.Default.ComponentRepresentation)!;
        (noted.Config ??= [])[name] = [begun.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)];
        await context.ApplyAsync(new PutPart(PartKind.Component, noted.Id!, noted.Name, noted));
    }
}
