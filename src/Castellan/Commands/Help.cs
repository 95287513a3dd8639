using System.Runtime.InteropServices;
using Castellan.CommandLine;
using Castellan.Core.Realms.Export;

namespace Castellan.Commands;

/// <summary>What the program says about itself.</summary>
internal static class Help
{
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
            Console.WriteLine($"  {flag}");
        }

        foreach (var (flag, label) in command.Values)
        {
            Console.WriteLine($"  {flag} <{label}>");
        }

        foreach (var group in OptionTable.All.Where(o => o.Handling != "not applicable").GroupBy(o => o.Group))
        {
            Console.WriteLine($"\n{group.Key}:\n");
            foreach (var option in group)
            {
                var about = string.Join(". ", new[] { option.Words is null ? $"<{option.Values}>" : option.Values, option.Default is null ? "" : $"Default: {option.Default}",
                    option.Condition.Length == 0 ? "" : $"Only with {option.Condition}" }.Where(t => t.Length > 0));
                Console.WriteLine($"  {option.Flag,-46}{about}.");
            }
        }
    }
}
