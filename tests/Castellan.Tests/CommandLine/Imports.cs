using System.Collections;
using Castellan.CommandLine;
using Castellan.Hosting;

namespace Castellan.Tests.CommandLine;

/// <summary>Imports of files and folders as commands do them: what is refused says which file and where, and nothing of the others stays.</summary>
public sealed class Imports : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-import-").FullName;

    [Theory]
    [InlineData("""{"realm":"b","users":[{"username":"x"},{"username":"y","bad":1}]}""", "b-users-0.json: users[1].bad: there is no such field: unable to read contents from stream")]
    [InlineData("""{"realm":"b","users":[{"username":"x","groups":["gone"]}]}""", "b-users-0.json: users[x].groups: Unable to find group specified by path: gone")]
    [InlineData("""{"realm":"b","users":[{"enabled":true}]}""", "b-users-0.json: users[0]: A user needs a username")]
    [InlineData("""{"realm":"b","users":[{"username":"x"},{"username":"X"}]}""", "b-users-0.json: users[X]: another is called x: Duplicate resource error")]
    [InlineData("""{"realm":"b","users":[{"username":"x"},{"username":"y","\ud800":null}]}""", "b-users-0.json: users[1]: Cannot read incomplete UTF-16 JSON text as string with missing low surrogate.: unable to read contents from stream")]
    [InlineData("""{"realm":"b","users":[{"username":"x","serviceAccountClientId":"\ud800"}]}""", "b-users-0.json: users: Cannot read incomplete UTF-16 JSON text as string with missing low surrogate.: unable to read contents from stream")]
    [InlineData("""{"realm":"c","users":[{"username":"x"}]}""", "b-users-0.json: realm: holds users of realm c, expected is b")]
    public async Task Of_a_folder_name_the_file_with_the_people(string people, string refusal)
    {
        Write("a-realm.json", """{"realm":"a"}""");
        Write("b-realm.json", """{"realm":"b"}""");
        Write("b-users-0.json", people);
        await using var installation = await OpenAsync();
        Assert.Equal(Path.Combine(_folder, refusal), await new RealmFileImport(installation).FolderAsync(_folder, replace: true));
        Assert.Equal(["master"], (await installation.Realms.ListAsync()).Select(r => r.Name));
    }

    [Theory]
    [InlineData("""[{"realm":"a"},{"realm":"b","users":[{"enabled":true}]}]""", "[1].users[0]: A user needs a username")]
    [InlineData("""[{"realm":"a"},{"realm":"b","nope":1}]""", "[1].nope: there is no such field: unable to read contents from stream")]
    [InlineData("""[{"realm":"a","roles":{"realm":[{"id":"same","name":"x"}]}},{"realm":"b","roles":{"realm":[{"id":"same","name":"x"}]}}]""", "[1].role(id): Duplicate resource error")]
    [InlineData(" \n", "The file is empty.: unable to read contents from stream")]
    public async Task Of_a_list_of_realms_say_which_and_leave_none(string json, string refusal)
    {
        Write("list.json", json);
        await using var installation = await OpenAsync();
        var path = Path.Combine(_folder, "list.json");
        Assert.Equal($"{path}: {refusal}", await new RealmFileImport(installation).FileAsync(path, replace: true));
        Assert.Equal(["master"], (await installation.Realms.ListAsync()).Select(r => r.Name));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public async Task Of_a_file_with_a_byte_order_mark_are_done(string encoding)
    {
        var path = Path.Combine(_folder, "marked.json");
        await File.WriteAllTextAsync(path, """{"realm":"a","displayName":"ü"}""", System.Text.Encoding.GetEncoding(encoding));
        await using var installation = await OpenAsync();
        Assert.Null(await new RealmFileImport(installation).FileAsync(path, replace: true));
        Assert.Equal("ü", (await installation.Realms.FindAsync("a"))!.Settings.DisplayName);
    }

    [Fact]
    public async Task Say_what_a_path_is_that_is_not_what_was_asked_for()
    {
        Write("a.json", """{"realm":"a"}""");
        var (file, folder) = (Path.Combine(_folder, "a.json"), Path.Combine(_folder, "folder"));
        Directory.CreateDirectory(folder);
        await using var installation = await OpenAsync();
        Assert.Equal($"{folder} is a directory; option --dir imports one", await new RealmFileImport(installation).FileAsync(folder, replace: true));
        Assert.Equal($"{file} is a file; option --file imports one", await new RealmFileImport(installation).FolderAsync(file, replace: true));
    }

    [Theory]
    [InlineData("user", "--username", "--password:env")]
    [InlineData("service", "--client-id", "--client-secret:env")]
    public async Task Of_an_administrator_without_a_name_are_refused(string kind, string name, string secret)
    {
        var line = Invocation.Parse("castellan", ["bootstrap-admin", kind, name, " ", secret, "PATH"]);
        var refused = await Assert.ThrowsAsync<CommandException>(() => Castellan.Commands.BootstrapAdminCommand.RunAsync(
            line, Settings.Collect(line, new Hashtable { ["CASTELLAN_DATA_DIR"] = Path.Combine(_folder, "data") }, null)));
        Assert.Equal($"Invalid value for option '{name}': the name is empty", refused.Message);
    }

    [Fact]
    public async Task That_are_killed_leave_the_realm_as_it_was()
    {
        Write("small.json", """{"realm":"a","id":"a-id","users":[{"username":"before"}]}""");
        await using (var installation = await OpenAsync())
        {
            Assert.Null(await new RealmFileImport(installation).FileAsync(Path.Combine(_folder, "small.json"), replace: true));
        }

        var people = Enumerable.Range(0, 60_000).Select(n => $$"""{"username":"person-{{n}}","email":"person-{{n}}@example.com","attributes":{"number":["{{n}}"]} }""");
        Write("large.json", $$"""{"realm":"a","id":"a-id","users":[{{string.Join(',', people)}}]}""");
        using var import = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [typeof(RealmFileImport).Assembly.Location, "import", "--file", Path.Combine(_folder, "large.json"), "--data-dir", Path.Combine(_folder, "data")])
        {
            RedirectStandardOutput = true,
        })!;

        // What of the transaction does not fit into memory lies in the log of the database: it is well under way.
        while (!import.HasExited && Directory.GetFiles(Path.Combine(_folder, "data"), "*-wal").All(wal => new FileInfo(wal).Length < 4 * 1024 * 1024))
        {
            await Task.Delay(10);
        }

        Assert.False(import.HasExited, "It was done before it could be killed.");
        import.Kill();
        await import.WaitForExitAsync();
        await using var after = await OpenAsync();
        Assert.NotNull(await after.Users.FindByUsernameAsync("a-id", "before"));
        Assert.Null(await after.Users.FindByUsernameAsync("a-id", "person-0"));
        Assert.Null(await new RealmFileImport(after).FileAsync(Path.Combine(_folder, "small.json"), replace: true));
    }

    [Fact]
    public async Task Exports_to_a_place_that_cannot_be_written_say_so()
    {
        var environment = new Hashtable { ["CASTELLAN_DATA_DIR"] = Path.Combine(_folder, "data") };
        await using (await OpenAsync())
        {
        }

        var line = Invocation.Parse("castellan", ["export", "--file", Path.Combine(_folder, "missing", "out.json")]);
        var refused = await Assert.ThrowsAsync<CommandException>(() => Castellan.Commands.ExportCommand.RunAsync(line, Settings.Collect(line, environment, null)));
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("missing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_folder_put_the_same_realms_in_place_again_and_again()
    {
        Write("a-realm.json", """{"realm":"a","id":"a-id"}""");
        Write("a-users-0.json", """{"realm":"a","users":[{"id":"u-id","username":"u"}]}""");
        await using var installation = await OpenAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(await new RealmFileImport(installation).FolderAsync(_folder, replace: true));
            Assert.Equal("u-id", (await installation.Users.FindByUsernameAsync("a-id", "u"))!.Id);
        }
    }

    [Fact]
    public async Task Leave_none_of_several_realms_when_the_database_fails()
    {
        Write("a-realm.json", """{"realm":"a"}""");
        Write("b-realm.json", """{"realm":"b","users":[{"username":"u"}]}""");
        await using var installation = await OpenAsync();
        await installation.Db.WriteAsync($"CREATE TRIGGER full BEFORE INSERT ON users BEGIN INSERT INTO missing VALUES (1); END");
        var failed = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => new RealmFileImport(installation).FolderAsync(_folder, replace: true));
        Assert.Contains("missing", failed.Message, StringComparison.Ordinal);
        Assert.Equal(["master"], (await installation.Realms.ListAsync()).Select(r => r.Name));
    }

    [Fact]
    public async Task Of_two_that_start_at_once_one_passes_over_what_the_other_has_just_made()
    {
        // Hashing the password takes long enough: each has seen before that there is no such realm.
        Write("a.json", """{"realm":"a","id":"a-id","passwordPolicy":"hashAlgorithm(pbkdf2-sha512) and hashIterations(1500000)","users":[{"username":"u","credentials":[{"type":"password","value":"secret"}]}]}""");
        Write("b.json", """{"realm":"b"}""");
        await using var installation = await OpenAsync();
        Assert.Equal([null, null], await Task.WhenAll(StartAsync(), StartAsync()));
        Assert.Equal(["a", "b", "master"], (await installation.Realms.ListAsync()).Select(r => r.Name));
        Assert.Empty(await installation.Import.RepairAdministrationAsync());

        Task<string?> StartAsync() => Task.Run(() => new RealmFileImport(installation).StartupAsync(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, string json) => File.WriteAllText(Path.Combine(_folder, name), json);

    private async Task<Installation> OpenAsync()
    {
        var environment = new Hashtable { ["CASTELLAN_DATA_DIR"] = Path.Combine(_folder, "data") };
        var installation = await Installation.OpenAsync(Settings.Collect(Invocation.Parse("castellan", ["import"]), environment, null));
        await installation.Import.EnsureMasterAsync();
        return installation;
    }
}
