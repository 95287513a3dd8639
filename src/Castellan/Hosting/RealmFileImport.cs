using System.Globalization;
using Castellan.Commands;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Realms.Import;
using Castellan.Protocol.Errors;

namespace Castellan.Hosting;

/// <summary>Reads realm files from the disk and imports them. Each method returns why a file was refused, or null: which file, which place in it, and why.</summary>
/// <remarks>
/// A realm is made, and takes the place of another, in one transaction. Several are looked through before the first is written; should one be refused
/// all the same, because of what the database holds, or the database fail, those go again that were not there before.
/// </remarks>
internal sealed class RealmFileImport(Installation installation)
{
    private const string RealmSuffix = "-realm.json";

    private readonly List<string> _made = [];
    private bool _any;

    /// <summary>One file with one realm or a list of them.</summary>
    public async Task<string?> FileAsync(string path, bool replace)
    {
        if (!File.Exists(path))
        {
            return Directory.Exists(path) ? $"{path} is a directory; option --dir imports one" : $"File {path} doesn't exist";
        }

        Console.WriteLine($"Full importing from file {Path.GetFullPath(path)}");
        return await AllAsync([new(path)], replace);
    }

    /// <summary>A folder of <c>NAME-realm.json</c> and <c>NAME-users-N.json</c>; the master realm comes first.</summary>
    public async Task<string?> FolderAsync(string folder, bool replace)
    {
        if (!Directory.Exists(folder))
        {
            return File.Exists(folder) ? $"{folder} is a file; option --file imports one" : $"Directory {folder} doesn't exist";
        }

        Console.WriteLine($"Importing from directory {Path.GetFullPath(folder)}");
        if (!List(folder, "*" + RealmSuffix).Ok(out var listed, out var unread))
        {
            return Describe(folder, null, unread);
        }

        var files = listed.OrderBy(f => Path.GetFileName(f) != "master" + RealmSuffix).ThenBy(f => f, StringComparer.Ordinal).ToList();
        if (files.Count == 0)
        {
            Console.WriteLine($"WARNING: There is no file NAME{RealmSuffix} in {folder}: nothing is imported");
        }

        return await AllAsync([.. files.Select(f => new Source(f, NameOf(f), ExactName: true))], replace);
    }

    /// <summary>
    /// What lies in the folder that is read when the server starts. Realms that exist already are passed over; when one file is refused, nothing
    /// of the others stays.
    /// </summary>
    public async Task<string?> StartupAsync(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        if (!List(folder, "*.json").Ok(out var listed, out var unread))
        {
            return Describe(folder, null, unread);
        }

        var files = listed.Where(f => !Path.GetFileName(f).Contains("-users-", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return await AllAsync(
            [.. files.Select(f => new Source(f, f.EndsWith(RealmSuffix, StringComparison.Ordinal) ? NameOf(f) : null))], replace: false,
            file => Console.WriteLine($"Full importing from file {Path.GetFullPath(file)}"));
    }

    private static Result<string[]> List(string folder, string pattern)
    {
        try
        {
            return Directory.GetFiles(folder, pattern);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new ProtocolError("unreadable", error.Message);
        }
    }

    private static string NameOf(string file) => Path.GetFileName(file)[..^RealmSuffix.Length];

    private async Task<string?> AllAsync(List<Source> files, bool replace, Action<string>? before = null)
    {
        var done = false;
        try
        {
            var refusal = await RefusalAsync(files, replace, before);
            done = refusal is null;
            return refusal;
        }
        finally
        {
            if (!done)
            {
                await UndoAsync();
            }
        }
    }

    private async Task UndoAsync()
    {
        foreach (var id in _made)
        {
            if (await installation.Realms.FindByIdAsync(id) is { } realm)
            {
                await installation.Import.DeleteAsync(realm);
            }
        }
    }

    private async Task<string?> RefusalAsync(List<Source> files, bool replace, Action<string>? before)
    {
        var read = new Dictionary<Source, Content>();
        foreach (var source in files)
        {
            var refusal = Read(source, out var content);
            var several = files.Count > 1 || content.Realms.Count > 1;
            for (var i = 0; i < content.Realms.Count && refusal is null && several; i++)
            {
                refusal = !replace && await ExistsAsync(content.Realms[i].Realm.Realm) ? null
                    : installation.Import.Rehearse(content.Realms[i], content.People) is { } error ? Describe(source, content, i, error)
                    : null;
            }

            if (refusal is not null)
            {
                before?.Invoke(source.Path);
                return refusal;
            }

            // What is large is rather read again than kept beside the others.
            if (files.Count == 1 || !RealmFile.AreMany(content.Realms.Concat(content.People)))
            {
                read[source] = content;
            }
        }

        foreach (var source in files)
        {
            before?.Invoke(source.Path);
            if (!read.TryGetValue(source, out var content) && Read(source, out content) is { } unread)
            {
                return unread;
            }

            if (await ImportAsync(source, content, replace) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private async Task<string?> ImportAsync(Source source, Content content, bool replace)
    {
        for (var i = 0; i < content.Realms.Count; i++)
        {
            var name = content.Realms[i].Realm.Realm;
            var exists = await ExistsAsync(name);
            if (exists)
            {
                Console.WriteLine(replace ? $"Realm '{name}' already exists. Removing it before import" : Skipped(name));
                if (!replace)
                {
                    continue;
                }
            }

            using var progress = new Progress(name ?? source.Path, installation.Time);
            var result = await installation.Import.ImportAsync(content.Realms[i], content.People, replace, progress.Report);
            progress.Dispose();
            if (!result.Ok(out var id, out var error))
            {
                // Another node that started at the same time may have made it meanwhile.
                if (!replace && error.Status == 409 && await ExistsAsync(name))
                {
                    Console.WriteLine(Skipped(name));
                    continue;
                }

                return Describe(source, content, i, error);
            }

            _any = true;
            if (!exists)
            {
                _made.Add(id);
            }

            Console.WriteLine($"Realm '{name}' imported");
            if (content.Realms[i].Realm.FederatedUsers is { Count: > 0 } elsewhere)
            {
                Console.WriteLine($"WARNING: The realm '{name}' says of {elsewhere.Count} people of its directories what they may (federatedUsers): that has no place here and is left out");
            }

            if (await installation.Realms.FindByIdAsync(id) is { } imported)
            {
                foreach (var (policy, executor) in ClientPolicies.Of(imported).WithoutEffect)
                {
                    Console.WriteLine($"WARNING: The client policy '{policy}' of the realm '{name}' names the executor '{executor}', which has no effect here");
                }
            }
        }

        foreach (var repaired in _any ? await installation.Import.RepairAdministrationAsync() : [])
        {
            Console.WriteLine($"Re-created management client in master realm for realm '{repaired}'");
        }

        return null;
    }

    private static string Skipped(string? name) => $"Realm '{name}' already exists. Import skipped";

    private async ValueTask<bool> ExistsAsync(string? name) => name is not null && await installation.Realms.FindAsync(name) is not null;

    /// <summary>Reads a file, and the files with the people of its realm; returns why one of them cannot be read.</summary>
    private static string? Read(Source source, out Content content)
    {
        content = new([], []);
        if (!Read(source.Path).Ok(out var realms, out var error))
        {
            return Describe(source.Path, error.Detail, error);
        }

        var file = Path.GetFileName(source.Path);
        if (source.ExactName && realms.Find(r => r.Realm.Realm != source.Name) is { } foreign)
        {
            var other = foreign.Realm.Realm;
            return $"File name / realm name mismatch. {file}, contains realm {other}. File name should be {other}{RealmSuffix}";
        }

        var people = new List<RealmFile>();
        foreach (var users in source.Name is null ? [] : FilesOfPeople(source))
        {
            if (!Read(users).Ok(out var lists, out error))
            {
                return Describe(users, error.Detail, error);
            }

            if (lists.Find(l => l.Realm.Realm is { } realm && realm != source.Name) is { } foreigners)
            {
                return $"{users}: realm: holds users of realm {foreigners.Realm.Realm}, expected is {source.Name}";
            }

            lists.ForEach(l => l.Name = users);
            people.AddRange(lists);
        }

        content = new(realms, people);
        return null;
    }

    private static IEnumerable<string> FilesOfPeople(Source source) =>
        Directory.GetFiles(Path.GetDirectoryName(source.Path) is { Length: > 0 } folder ? folder : ".", $"{source.Name}-users-*.json").Order(StringComparer.Ordinal);

    private static Result<List<RealmFile>> Read(string path)
    {
        try
        {
            return RealmFile.ReadAll(Placeholders.Replace(RealmFile.Decode(File.ReadAllBytes(path)), Environment.GetEnvironmentVariable));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Refusals.NotRead(error.Message);
        }
    }

    // A place among people names their own file already.
    private static string Describe(Source source, Content content, int index, ProtocolError error) =>
        error.Detail is { } place && content.People.Exists(p => place.StartsWith(p.Name + ": ", StringComparison.Ordinal)) ? Describe(null, place, error)
        : content.Realms.Count == 1 ? Describe(source.Path, error.Detail, error)
        : Describe(source.Path, $"[{index.ToString(CultureInfo.InvariantCulture)}].{error.Detail}".TrimEnd('.'), error);

    private static string Describe(string? file, string? place, ProtocolError error) =>
        string.Join(": ", new[] { file, place, error.Description ?? error.Code }.Where(t => !string.IsNullOrEmpty(t)));

    /// <summary>A realm file; with <paramref name="Name"/> one of the folder form, whose people may be in files beside it.</summary>
    /// <param name="ExactName">Whether the realm in it must be called so.</param>
    private sealed record Source(string Path, string? Name = null, bool ExactName = false);

    private sealed record Content(List<RealmFile> Realms, List<RealmFile> People);
}
