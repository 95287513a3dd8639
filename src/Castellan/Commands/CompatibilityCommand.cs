using Castellan.CommandLine;
using Castellan.Core.Realms.Export;

namespace Castellan.Commands;

/// <summary>Says whether this version may run beside the one that wrote the metadata: neighbours share a schema.</summary>
internal static class CompatibilityCommand
{
    public static int WriteMetadata(Invocation line)
    {
        var text = $"{{\"keycloak\":{{\"version\":\"{RealmExport.KeycloakVersion}\"}},\"castellan\":{{\"version\":\"{Version}\"}}}}";
        Console.WriteLine(text);
        if (line.Value("--file") is { } file)
        {
            File.WriteAllText(file, text + "\n");
        }

        return 0;
    }

    public static int Check(Invocation line)
    {
        var file = line.Value("--file") ?? throw new CommandException("Missing required argument: --file");
        if (!File.Exists(file))
        {
            throw new CommandException($"Incorrect argument --file. Path '{file}' not found");
        }

        if (!File.ReadAllText(file).Contains($"\"castellan\":{{\"version\":\"{Version}\"", StringComparison.Ordinal))
        {
            Console.WriteLine("[castellan] The metadata is of another version.");
            return 3;
        }

        Console.WriteLine("[OK] Rolling Update is available.");
        return 0;
    }

    private static string Version => typeof(CompatibilityCommand).Assembly.GetName().Version!.ToString(3);
}
