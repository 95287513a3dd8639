using System.Text.Json;
using Castellan.Core.Credentials;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

public sealed partial class RealmImport
{
    // A realm whose people are still being written has a name that no realm may have, so nobody can reach it before it is whole.
    private const string Unfinished = "/unfinished/";
    private const int UsersAtOnce = 10_000;

    /// <summary>Whether a name is that of a realm that is still being written.</summary>
    public static bool IsUnfinished(string name) => name.StartsWith(Unfinished, StringComparison.Ordinal);

    /// <summary>
    /// Makes a realm from a file, however many people are in it; <paramref name="progress"/> hears how many are written.
    /// An existing realm of that name is removed in the same step when <paramref name="replace"/> says so.
    /// </summary>
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

        // What is written in parts cannot bring back a realm that went before it: first see whether all of it would be taken.
        if (existing is not null && sources.Any(s => s.HasMany) && Rehearse(file, moreUsers) is { } wrong)
        {
            return wrong;
        }

        var builder = Builder(rep, sources);
        if (!builder.BuildConfiguration())
        {
            return builder.Refusal!;
        }

        try
        {
            return sources.Any(s => s.HasMany)
                ? await InPartsAsync(builder, rep, sources, existing, progress, ct)
                : await AtOnceAsync(builder, rep, sources, existing, progress, ct);
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

        // Building completes a representation: a copy leaves the file as it is.
        var sources = (IReadOnlyList<RealmFile>)[file, .. moreUsers];
        var copy = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(file.Realm, AdminJson.Default.RealmRepresentation), AdminJson.Default.RealmRepresentation)!;
        var builder = Builder(copy, sources);
        var policy = PasswordPolicy.Parse(copy.PasswordPolicy);
        try
        {
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

    /// <summary>Removes what an import left that was stopped half way; call it when the server starts.</summary>
    public async Task RemoveUnfinishedAsync(CancellationToken ct = default)
    {
        foreach (var realm in await store.ListRealmsAsync(ct))
        {
            if (IsUnfinished(realm.Name))
            {
                await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new DeleteRealm()), ct);
            }
        }
    }

    private async Task<Result<string>> AtOnceAsync(
        RealmBuilder builder, RealmRepresentation rep, IReadOnlyList<RealmFile> sources, Realm? existing, Action<int>? progress, CancellationToken ct)
    {
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

        if (existing is not null)
        {
            builder.Changes.Insert(0, new DeleteRealm(existing.Id == builder.RealmId ? null : existing.Id));
        }

        var made = await WriteAsync(builder, ct, replaces: existing is not null);
        progress?.Invoke(builder.UserCount);
        return made;
    }

    private async Task<Result<string>> InPartsAsync(
        RealmBuilder builder, RealmRepresentation rep, IReadOnlyList<RealmFile> sources, Realm? existing, Action<int>? progress, CancellationToken ct)
    {
        if (existing is not null)
        {
            await realms.ApplyAsync(new ChangeSet(existing.Id).Add(new DeleteRealm()), ct);
        }

        var settings = ((PutRealm)builder.Changes[0]).Settings;
        var hidden = settings.ShallowCopy();
        hidden.Realm = Unfinished + builder.RealmId;
        builder.Changes[0] = new PutRealm(hidden);
        var writing = Task.FromResult<ProtocolError?>(null);
        var (written, pending) = (0, 0);
        var refusal = await FlushAsync();
        foreach (var user in sources.SelectMany(s => s.Users()))
        {
            if (refusal is not null)
            {
                break;
            }

            builder.BuildUsers([user]);
            written++;
            if (++pending == UsersAtOnce)
            {
                refusal = await FlushAsync();
                pending = 0;
                progress?.Invoke(written);
            }
        }

        if (refusal is null)
        {
            builder.BuildPeople();
            builder.Changes.Add(new PutRealm(settings));
            refusal = builder.Refusal ?? await BeforeRealmAsync(builder.Name, ct) ?? await FlushAsync() ?? await writing;
            progress?.Invoke(written);
        }

        if (refusal is null)
        {
            return builder.RealmId;
        }

        await writing;
        await realms.ApplyAsync(new ChangeSet(builder.RealmId).Add(new DeleteRealm()), CancellationToken.None);
        return refusal;

        async Task<ProtocolError?> FlushAsync()
        {
            if ((builder.Refusal ?? await HashAsync(builder, rep.PasswordPolicy, hashed => progress?.Invoke(written - pending + hashed), ct)) is { } bad)
            {
                return bad;
            }

            if (await writing is { } earlier)
            {
                return earlier;
            }

            // It is written while the next are read.
            writing = ApplyAsync(new ChangeSet(builder.RealmId).Add(builder.Changes));
            builder.Changes.Clear();
            builder.Passwords.Clear();
            return null;
        }

        async Task<ProtocolError?> ApplyAsync(ChangeSet part)
        {
            try
            {
                await realms.ApplyAsync(part, ct);
                return null;
            }
            catch (DuplicateException duplicate)
            {
                return new("invalid_realm", Refusals.Duplicate, 409, duplicate.Message);
            }
        }
    }

    private async Task<ProtocolError?> BeforeRealmAsync(string name, CancellationToken ct)
    {
        if (name != Master && await AdministrationOfAsync(name, ct) is var (master, existing))
        {
            await realms.ApplyAsync(Administration.Add(master, name, existing), ct);
        }

        return null;
    }
}
