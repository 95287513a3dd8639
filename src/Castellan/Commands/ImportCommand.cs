using Castellan.CommandLine;
using Castellan.Hosting;

namespace Castellan.Commands;

/// <summary>Makes realms from a file or a folder, while no server runs.</summary>
internal static class ImportCommand
{
    public static async Task<int> RunAsync(Invocation line, Settings settings)
    {
        var (folder, file) = (line.Value("--dir"), line.Value("--file"));
        if (line.Value("--override") is { } word && !bool.TryParse(word, out _))
        {
            throw new CommandException($"Invalid value for option '--override': {word}. Expected values are: true, false");
        }

        if (folder is null == file is null)
        {
            throw new CommandException("Must specify either --dir or --file options.");
        }

        var replace = line.Value("--override") is not { } text || bool.Parse(text);
        await using var installation = await Installation.OpenAsync(settings);
        await installation.Import.EnsureMasterAsync();
        var files = new RealmFileImport(installation);
        var refusal = folder is null ? await files.FileAsync(file!, replace) : await files.FolderAsync(folder, replace);
        if (refusal is not null)
        {
            throw new CommandException($"ERROR: Failed to start server in (nonserver) mode\nERROR: Failed to run import\nERROR: {refusal}", 1);
        }

        return 0;
    }
}
