using System.Globalization;
using Castellan.CommandLine;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Export;
using Castellan.Hosting;

namespace Castellan.Commands;

/// <summary>Writes realms to a file or a folder, while no server runs.</summary>
internal static class ExportCommand
{
    private static readonly string[] s_users = ["skip", "realm_file", "same_file", "different_files"];

    public static async Task<int> RunAsync(Invocation line, Settings settings)
    {
        var (folder, file, users) = (line.Value("--dir"), line.Value("--file"), line.Value("--users"));
        if (users is not null && !s_users.Contains(users))
        {
            throw new CommandException($"Invalid value for option '--users': {users}. Expected values are: {string.Join(", ", s_users)}");
        }

        if (folder is null == file is null)
        {
            throw new CommandException("Must specify either --dir or --file options.");
        }

        if (file is not null && users is not (null or "same_file"))
        {
            throw new CommandException("Property '--users' can be used only when exporting to a directory, or value set to 'same_file' when exporting to a file.");
        }

        var perFile = 50;
        if (line.Value("--users-per-file") is { } number && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out perFile) || perFile < 1))
        {
            throw new CommandException($"Invalid value for option '--users-per-file': Expected an integer value, got \"{number}\"");
        }

        await using var installation = await Installation.OpenAsync(settings);
        try
        {
            return await WriteAsync(installation, line, folder, file, users, perFile);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"ERROR: Failed to start server in (nonserver) mode\nERROR: Failed to run export\nERROR: {error.Message}", 1);
        }
    }

    private static async Task<int> WriteAsync(Installation installation, Invocation line, string? folder, string? file, string? users, int perFile)
    {
        var realms = await ChosenAsync(installation, line.Value("--realm"));
        var files = new RealmFiles(installation.Export);
        if (file is not null)
        {
            Console.WriteLine($"Exporting model into file {Path.GetFullPath(file)}");
            await WriteFileAsync(files, realms, file, installation.Time);
            return 0;
        }

        foreach (var realm in realms)
        {
            Console.WriteLine($"Exporting realm '{realm.Name}' into directory {Path.GetFullPath(folder!)}");
            using var progress = new Progress(realm.Name, installation.Time);
            await files.WriteFolderAsync(realm, folder!, users switch
            {
                "skip" => UserFiles.Skip,
                "realm_file" => UserFiles.RealmFile,
                "same_file" => UserFiles.SameFile,
                _ => UserFiles.DifferentFiles,
            }, perFile, progress.Report);
        }

        return 0;
    }

    private static async Task<List<Realm>> ChosenAsync(Installation installation, string? name)
    {
        if (name is not null)
        {
            return [await installation.Realms.FindAsync(name)
                ?? throw new CommandException($"ERROR: Failed to start server in (nonserver) mode\nERROR: realm not found by realm name '{name}'", 1)];
        }

        var realms = new List<Realm>();
        foreach (var each in await installation.Realms.ListAsync())
        {
            realms.Add((await installation.Realms.FindByIdAsync(each.Id))!);
        }

        return realms;
    }

    // One realm is one object; several are a list of them.
    private static async Task WriteFileAsync(RealmFiles files, List<Realm> realms, string file, TimeProvider time)
    {
        await using var output = new BufferedStream(File.Create(file), 64 * 1024);
        var separator = realms.Count == 1 ? "" : "[ ";
        foreach (var realm in realms)
        {
            output.Write(System.Text.Encoding.UTF8.GetBytes(separator));
            separator = ", ";
            using var progress = new Progress(realm.Name, time);
            await files.WriteAsync(realm, output, people: true, progress.Report);
        }

        if (realms.Count > 1)
        {
            output.Write(" ]"u8);
        }
    }
}
