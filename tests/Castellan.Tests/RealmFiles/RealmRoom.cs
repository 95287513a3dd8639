using System.Text.Json.Nodes;
using Castellan.Core.Credentials;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Export;
using Castellan.Core.Realms.Import;
using Castellan.Storage;
using Castellan.Tests.Storage;

namespace Castellan.Tests.RealmFiles;

/// <summary>An installation on a database of its own, with a master realm.</summary>
internal sealed class RealmRoom : IAsyncDisposable
{
    private readonly Db _db;
    private readonly HashingQueue _hashing = new(1);

    private RealmRoom(Db db)
    {
        _db = db;
        Store = new(db, TimeProvider.System);
        Users = new(db);
        Realms = new(Store);
        Import = OfNode(Realms);
        Export = new(Store, Users, new OrganizationStore(db), new AuthorizationStore(db));
    }

    public ConfigurationStore Store { get; }

    public UserStore Users { get; }

    public RealmCache Realms { get; }

    public RealmImport Import { get; }

    public RealmExport Export { get; }

    /// <summary>Imports of another node on the same database, which has read nothing yet.</summary>
    public RealmImport OfAnotherNode() => OfNode(new(Store));

    private RealmImport OfNode(RealmCache realms)
    {
        var passwords = new Passwords(_hashing, Users, TimeProvider.System);
        return new(realms, realms, Store, passwords, new PasswordChanges(passwords, Users, new PasswordBlacklists("none"), TimeProvider.System), TimeProvider.System);
    }

    public static async Task<RealmRoom> OpenAsync(DbEngine engine = DbEngine.Sqlite)
    {
        var room = new RealmRoom(await TestDb.OpenAsync(engine));
        await room.Import.EnsureMasterAsync();
        return room;
    }

    /// <summary>Imports one realm and returns it; the refusal's status and text when it is refused.</summary>
    public async Task<(Realm? Realm, string Refusal)> ImportAsync(string json)
    {
        if (!RealmFile.ReadAll(System.Text.Encoding.UTF8.GetBytes(json)).Ok(out var files, out var error)
            || !(await Import.ImportAsync(files[0], [], replace: false)).Ok(out var id, out error))
        {
            return (null, $"{error.Status} {error.Description ?? error.Code}");
        }

        return (await Realms.FindByIdAsync(id), "");
    }

    public async Task<JsonNode> ExportAsync(Realm realm)
    {
        using var output = new MemoryStream();
        await new Core.Realms.Export.RealmFiles(Export).WriteAsync(realm, output, people: true);
        return JsonNode.Parse(output.ToArray())!;
    }

    public static string Recording(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(folder.FullName, "tests", "parity", "recordings")))
        {
            folder = folder.Parent!;
        }

        return File.ReadAllText(Path.Combine(folder.FullName, "tests", "parity", "recordings", name));
    }

    public async ValueTask DisposeAsync()
    {
        Store.Dispose();
        _hashing.Dispose();
        await _db.DisposeAsync();
    }
}
