using Castellan.Commands;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Realms.Import;
using Castellan.Protocol.Errors;

namespace Castellan.Hosting;

/// <summary>Reads realm files from the disk and imports them. Each method returns why a file was refused, or null: which file, which place in it, and why.</summary>
internal sealed class RealmFileImport(Installation installation)
{
    private const string RealmSuffix = "-realm.json";

    /// <summary>One file with one realm or a list of them.</summary>
    public async Task<string?> FileAsync(string path, bool replace)
    {
        if (!File.Exists(path))
        {
            return $"File {path} doesn't exist";
        }

        Console.WriteLine($"Full importing from file {Path.GetFullPath(path)}");
        return Read(path).Ok(out var realms, out var error) ? await ImportAsync(path, realms, _ => [], replace, []) : Describe(path, error);
    }

    /// <summary>A folder of <c>NAME-realm.json</c> and <c>NAME-users-N.json</c>; the master realm comes first.</summary>
    public async Task<string?> FolderAsync(string folder, bool replace)
    {
        if (!Directory.Exists(folder))
        {
            return $"Directory {folder} doesn't exist";
        }

        Console.WriteLine($"Importing from directory {Path.GetFullPath(folder)}");
        var files = Directory.GetFiles(folder, "*" + RealmSuffix).OrderBy(f => Path.GetFileName(f) != "master" + RealmSuffix).ThenBy(f => f, StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (await OneOfFolderAsync(file, replace, []) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
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

        var made = new List<string>();
        var refusal = await StartupAsync(Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal), made);
        foreach (var id in refusal is null ? [] : made)
        {
            if (await installation.Realms.FindByIdAsync(id) is { } realm)
            {
                await installation.Import.DeleteAsync(realm);
            }
        }

        return refusal;
    }

    private async Task<string?> StartupAsync(IEnumerable<string> files, List<string> made)
    {
        foreach (var file in files)
        {
            if (Path.GetFileName(file).Contains("-users-", StringComparison.Ordinal))
            {
                continue;
            }

            Console.WriteLine($"Full importing from file {Path.GetFullPath(file)}");
            var refusal = file.EndsWith(RealmSuffix, StringComparison.Ordinal)
                ? await OneOfFolderAsync(file, replace: false, made, exactName: false)
                : Read(file).Ok(out var realms, out var error) ? await ImportAsync(file, realms, _ => [], replace: false, made) : Describe(file, error);
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return null;
    }

    private async Task<string?> OneOfFolderAsync(string file, bool replace, List<string> made, bool exactName = true)
    {
        if (!Read(file).Ok(out var realms, out var error))
        {
            return Describe(file, error);
        }

        var name = Path.GetFileName(file)[..^RealmSuffix.Length];
        if (exactName && realms.Find(r => r.Realm.Realm != name) is { } other)
        {
            return $"File name / realm name mismatch. {Path.GetFileName(file)}, contains realm {other.Realm.Realm}. File name should be {other.Realm.Realm}{RealmSuffix}";
        }

        var people = new List<RealmFile>();
        foreach (var users in Directory.GetFiles(Path.GetDirectoryName(Path.GetFullPath(file))!, $"{name}-users-*.json").Order(StringComparer.Ordinal))
        {
            if (!Read(users).Ok(out var read, out error))
            {
                return Describe(users, error);
            }

            people.AddRange(read);
        }

        return await ImportAsync(file, realms, _ => people, replace, made);
    }

    private async Task<string?> ImportAsync(string file, List<RealmFile> realms, Func<RealmFile, List<RealmFile>> people, bool replace, List<string> made)
    {
        foreach (var realm in realms)
        {
            var name = realm.Realm.Realm;
            var exists = name is not null && await installation.Realms.FindAsync(name) is not null;
            if (exists)
            {
                Console.WriteLine($"Realm '{name}' already exists. {(replace ? "Removing it before import" : "Import skipped")}");
                if (!replace)
                {
                    continue;
                }
            }

            using var progress = new Progress(name ?? file, installation.Time);
            var result = await installation.Import.ImportAsync(realm, people(realm), replace, progress.Report);
            if (!result.Ok(out var id, out var error))
            {
                return Describe(file, error);
            }

            made.Add(id);
            Console.WriteLine($"Realm '{name}' imported");
            if (await installation.Realms.FindByIdAsync(id) is { } imported)
            {
                foreach (var (policy, executor) in ClientPolicies.Of(imported).WithoutEffect)
                {
                    Console.WriteLine($"WARNING: The client policy '{policy}' of the realm '{name}' names the executor '{executor}', which has no effect here");
                }
            }
        }

        foreach (var repaired in made.Count == 0 ? [] : await installation.Import.RepairAdministrationAsync())
        {
            Console.WriteLine($"Re-created management client in master realm for realm '{repaired}'");
        }

        return null;
    }

    private static Result<List<RealmFile>> Read(string path) =>
        RealmFile.ReadAll(Placeholders.Replace(File.ReadAllBytes(path), Environment.GetEnvironmentVariable));

    private static string Describe(string file, ProtocolError error) =>
        string.Join(": ", new[] { file, error.Detail, error.Description ?? error.Code }.Where(t => !string.IsNullOrEmpty(t)));
}
