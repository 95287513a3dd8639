using System.Runtime.CompilerServices;
using System.Text.Json;
using Castellan.Core.Credentials;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

public sealed partial class RealmImport
{
    private const int UsersAtOnce = 10_000;

    /// <summary>
    /// Makes a realm from a file in one transaction, however many people are in it; <paramref name="progress"/> hears how many are written.
    /// An existing realm of that name is removed in the same transaction when <paramref name="replace"/> says so.
    /// </summary>
    /// <remarks>
    /// Where there are very many people the transaction is open while they are read and their passwords hashed: on the embedded database nobody else
    /// writes meanwhile; on PostgreSQL writers of the realm that is replaced wait until the import commits. For commands, and for a server before it listens.
    /// </remarks>
    public async Task<Result<string>> ImportAsync(
        RealmFile file, IReadOnlyList<RealmFile> moreUsers, bool replace, Action<int>? progress = null, CancellationToken ct = default)
    {
        var rep = file.Realm;
        if (Refusals.OfName(rep.Realm, rep.Id) is { } refusal)
        {
            return refusal;
        }

        var existing = await realms.FindAsync(rep.Realm!, ct);
        if (existing is not null && !replace)
        {
            return Refusals.Exists(rep.Realm!);
        }

        if (existing?.Id != rep.Id && await IsTakenAsync(rep.Id, ct))
        {
            return new ProtocolError("invalid_realm", Refusals.Duplicate, 409, "id");
        }

        var sources = (IReadOnlyList<RealmFile>)[file, .. moreUsers];
        try
        {
            return RealmFile.AreMany(sources)
                ? await InPartsAsync(rep, sources, existing, progress, ct)
                : await AtOnceAsync(rep, sources, existing, progress, ct);
        }
        catch (JsonException error)
        {
            return Refusals.NotRead(error);
        }
    }

    /// <summary>Why a file would be refused whatever there is already, or null; nothing is written.</summary>
    public ProtocolError? Rehearse(RealmFile file, IReadOnlyList<RealmFile> moreUsers)
    {
        if (Refusals.OfName(file.Realm.Realm, file.Realm.Id) is { } refusal)
        {
            return refusal;
        }

        var sources = (IReadOnlyList<RealmFile>)[file, .. moreUsers];
        var copy = Copy(file.Realm);
        try
        {
            var builder = Builder(copy, sources);
            var policy = PasswordPolicy.Parse(copy.PasswordPolicy);
            var built = builder.BuildConfiguration();
            foreach (var user in built ? sources.SelectMany(s => s.Users()) : [])
            {
                builder.BuildUsers([user]);
                if ((builder.Refusal ?? CheckPasswords(builder, policy)) is { } bad)
                {
                    return bad;
                }

                builder.Changes.Clear();
                builder.Passwords.Clear();
            }

            return built && builder.BuildPeople() ? null : builder.Refusal;
        }
        catch (JsonException error)
        {
            return Refusals.NotRead(error);
        }
    }

    private RealmBuilder Builder(RealmRepresentation rep, IReadOnlyList<RealmFile> sources) =>
        new(rep, new(time, CompleteKeys)) { ServiceAccountsElsewhere = [.. sources.SelectMany(s => s.ServiceAccounts())] };

    private async Task<Result<string>> AtOnceAsync(
        RealmRepresentation rep, IReadOnlyList<RealmFile> sources, Realm? existing, Action<int>? progress, CancellationToken ct)
    {
        var builder = Builder(rep, sources);
        if (!builder.BuildConfiguration())
        {
            return builder.Refusal!;
        }

        foreach (var source in sources)
        {
            builder.BuildUsers(source.Users());
        }

        if (!builder.BuildPeople())
        {
            return builder.Refusal!;
        }

        if (await HashAsync(builder, rep.PasswordPolicy, progress, ct) is { } bad)
        {
            return bad;
        }

        Replace(builder, existing);
        var made = await WriteAsync(builder, replaces: existing is not null, ct);
        if (made.Ok(out _, out _))
        {
            progress?.Invoke(builder.UserCount);
        }

        return made;
    }

    private async Task<Result<string>> InPartsAsync(
        RealmRepresentation rep, IReadOnlyList<RealmFile> sources, Realm? existing, Action<int>? progress, CancellationToken ct)
    {
        var id = string.IsNullOrEmpty(rep.Id) ? Ids.New() : rep.Id;
        return await WriteAsync(rep.Realm!, id, PartsAsync(rep, id, sources, existing, progress, ct), existing is not null, ct);
    }

    /// <summary>
    /// What the realm is made of: its configuration, its people in portions, and the rest. Each look through it begins anew, from the file.
    /// </summary>
    private async IAsyncEnumerable<Result<ChangeSet>> PartsAsync(
        RealmRepresentation rep, string id, IReadOnlyList<RealmFile> sources, Realm? existing, Action<int>? progress, [EnumeratorCancellation] CancellationToken ct)
    {
        var copy = Copy(rep);
        copy.Id = id;
        var builder = Builder(copy, sources);
        builder.BuildConfiguration();
        Replace(builder, existing);
        yield return await PartAsync(0);
        var written = 0;
        foreach (var people in sources.SelectMany(s => s.Users()).Chunk(UsersAtOnce))
        {
            builder.BuildUsers(people);
            yield return await PartAsync(written);
            written += people.Length;
            progress?.Invoke(written);
        }

        builder.BuildPeople();
        yield return await PartAsync(written);

        async Task<Result<ChangeSet>> PartAsync(int before)
        {
            if ((builder.Refusal ?? await HashAsync(builder, copy.PasswordPolicy, hashed => progress?.Invoke(before + hashed), ct)) is { } bad)
            {
                return bad;
            }

            var part = new ChangeSet(id).Add(builder.Changes);
            builder.Changes.Clear();
            builder.Passwords.Clear();
            return part;
        }
    }

    private static void Replace(RealmBuilder builder, Realm? existing)
    {
        if (existing is not null)
        {
            builder.Changes.Insert(0, new DeleteRealm(existing.Id == builder.RealmId ? null : existing.Id));
        }
    }

    /// <summary>Building completes a representation: a copy leaves the file as it is.</summary>
    private static RealmRepresentation Copy(RealmRepresentation rep) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(rep, AdminJson.Default.RealmRepresentation), AdminJson.Default.RealmRepresentation)!;
}
