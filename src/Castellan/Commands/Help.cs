using System.Runtime.InteropServices;
using Castellan.CommandLine;
using Castellan.Core.Realms.Export;

namespace Castellan.Commands;

/// <summary>What the program says about itself.</summary>
internal static class Help
{
    /// <summary>The flags of commands, in a sentence each.</summary>
    private static readonly Dictionary<string, string> s_flags = new(StringComparer.Ordinal)
    {
        ["--optimized"] = "Take the options that 'build' remembered, and no others of that kind.",
        ["--import-realm"] = "Import data/import/*.json first; realms that exist are left alone.",
        ["--dir"] = "A folder with NAME-realm.json and NAME-users-N.json.",
        ["--file"] = "A single file.",
        ["--realm"] = "Only this realm. Default: all.",
        ["--users"] = "Where people go: skip, realm_file, same_file, different_files. Default: different_files. Only with --dir.",
        ["--users-per-file"] = "How many people a file takes. Default: 50.",
        ["--override"] = "Whether a realm that exists is replaced: true, false. Default: true.",
        ["--no-prompt"] = "Ask for nothing on the terminal.",
        ["--username"] = "Default: temp-admin.",
        ["--username:env"] = "The environment variable that holds the name.",
        ["--password:env"] = "The environment variable that holds the password. Without it the terminal is asked.",
        ["--client-id"] = "Default: temp-admin.",
        ["--client-id:env"] = "The environment variable that holds the client id.",
        ["--client-secret:env"] = "The environment variable that holds the secret. Without it the terminal is asked.",
    };

    public static void Version()
    {
        Console.WriteLine($"Keycloak {RealmExport.KeycloakVersion}");
        Console.WriteLine($"JVM: none (Castellan {typeof(Help).Assembly.GetName().Version?.ToString(3)}, .NET {Environment.Version})");
        Console.WriteLine($"OS: {RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}");
    }

    public static void Print(Invocation line)
    {
        if (line.Command is { } command)
        {
            PrintCommand(line.Program, command);
            return;
        }

        Console.WriteLine("Castellan - OAuth 2.0 and OpenID Connect server, a drop-in for Keycloak\n");
        Console.WriteLine($"Usage:\n\n  {line.Program} [OPTIONS] [COMMAND]\n\nOptions:\n");
        Console.WriteLine("  -cf, --config-file <file>  Set the path to a configuration file.");
        Console.WriteLine("  -D<key>=<value>            Set a property; -Dkc.<option>=<value> sets an option.");
        Console.WriteLine("  -h, --help                 This help message.");
        Console.WriteLine("  -v, --verbose              Print out error details.");
        Console.WriteLine("  -V, --version              Show version information\n\nCommands:\n");
        foreach (var each in Command.All)
        {
            Console.WriteLine($"  {each.Name,-32}{each.Description}");
        }

        Console.WriteLine($"\nExamples:\n\n  {line.Program} start-dev\n  {line.Program} start --hostname=https://id.example.com --https-certificate-file=cert.pem --https-certificate-key-file=key.pem");
        Console.WriteLine($"\nUse '{line.Program} <command> --help' for the options of a command.");
    }

    private static void PrintCommand(string program, Command command)
    {
        Console.WriteLine($"{command.Description}\n\nUsage:\n\n  {program} {command.Name} [OPTIONS]\n\nOptions:\n");
        foreach (var flag in command.Switches)
        {
            Print(flag, Of(flag));
        }

        foreach (var (flag, label) in command.Values)
        {
            Print($"{flag} <{label}>", Of(flag));
        }

        foreach (var group in OptionTable.All.Where(o => o.Handling != "not applicable").GroupBy(o => o.Group))
        {
            Console.WriteLine($"\n{group.Key}:\n");
            foreach (var option in group)
            {
                var about = string.Join(". ", new[] { option.Words is null ? $"<{option.Values}>" : option.Values, option.Default is null ? "" : $"Default: {option.Default}",
                    option.Condition.Length == 0 ? "" : $"Only with {option.Condition}" }.Where(t => t.Length > 0));
                Print(option.Flag, $"{about}.");
            }
        }
    }

    /// <summary>What a flag of a command is for.</summary>
    public static string Of(string flag) => s_flags[flag];

    private static void Print(string flag, string about) => Console.WriteLine($"  {flag,-45} {about}");
}
