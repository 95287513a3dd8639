using Castellan.CommandLine;

namespace Castellan.Commands;

/// <summary>
/// A native program is built already. <c>build</c> remembers the options that Keycloak fixes when it is built, so that <c>start --optimized</c>
/// finds them, and refuses others.
/// </summary>
internal static class BuildCommand
{
    public static int Run(Settings settings)
    {
        Directory.CreateDirectory(settings["data-dir"]!);
        File.WriteAllLines(PersistedFile(settings), settings.All.Where(s => OptionTable.Find(s.Name)?.IsBuildTime is true).Select(s => $"{s.Name}={s.Value}"));
        Console.WriteLine("Server configuration updated and persisted. Run the following command to review the configuration:\n\n\tkc.sh show-config\n");
        return 0;
    }

    /// <summary>Takes over what was remembered; with <c>--optimized</c> nothing else is allowed.</summary>
    public static void CheckPersisted(Invocation line, Settings settings)
    {
        var persisted = File.Exists(PersistedFile(settings))
            ? ConfigurationFile.Read(File.ReadAllText(PersistedFile(settings))).ToDictionary(o => o.Name, o => o.Value)
            : [];
        if (line.Has("--optimized"))
        {
            var differing = settings.All
                .Where(s => OptionTable.Find(s.Name) is { IsBuildTime: true } option && s.Value != (persisted.GetValueOrDefault(s.Name) ?? option.Default))
                .Select(s => "kc." + s.Name).ToList();
            if (differing.Count > 0)
            {
                throw new CommandException(
                    "The following build time options have values that differ from what is persisted - the new values will NOT be used until another build is run: "
                    + string.Join(", ", differing));
            }
        }

        foreach (var (name, value) in persisted)
        {
            settings.Default(name, value);
        }
    }

    private static string PersistedFile(Settings settings) => Path.Combine(settings["data-dir"]!, "build.properties");
}
