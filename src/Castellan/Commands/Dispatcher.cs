using Castellan.CommandLine;
using Castellan.Hosting;
using Castellan.Storage;

namespace Castellan.Commands;

/// <summary>Reads the command line and the settings, and runs the command. Exit status: 0 done, 1 the work failed, 2 refused before anything ran.</summary>
internal static class Dispatcher
{
    public static async Task<int> RunAsync(string program, string[] args)
    {
        try
        {
            return await RunAsync(Invocation.Parse(program, args));
        }
        catch (CommandException refusal)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return refusal.ExitCode;
        }
        catch (StorageException unusable)
        {
            await Console.Error.WriteLineAsync($"ERROR: {unusable.Message}");
            return 1;
        }
    }

    private static async Task<int> RunAsync(Invocation line)
    {
        if (line.Version)
        {
            Help.Version();
            return 0;
        }

        if (line.Help || line.Command is not { } command)
        {
            Help.Print(line);
            return 0;
        }

        if (command.Name == "tools completion")
        {
            return CompletionCommand.Run(line);
        }

        var environment = Environment.GetEnvironmentVariables();
        var settings = Settings.Collect(line, environment, line.ConfigFile ?? Home.ConfigFile(environment));
        if (settings.Given("config-keystore") is { } store)
        {
            settings.AddSecrets(SecretStore.Open("config-keystore", store, settings.Given("config-keystore-password"), settings["config-keystore-type"]).All);
        }

        if (command.Name == "show-config")
        {
            ShowConfigCommand.Run(settings, line);
            return 0;
        }

        Modes.Apply(command, settings);
        Validation.Check(line, settings, command, warning => Console.WriteLine($"WARNING: {warning}"));
        BuildCommand.CheckPersisted(line, settings);
        return command.Name switch
        {
            "start" or "start-dev" => await StartCommand.RunAsync(line, settings),
            "build" => BuildCommand.Run(settings),
            "import" => await ImportCommand.RunAsync(line, settings),
            "export" => await ExportCommand.RunAsync(line, settings),
            "bootstrap-admin user" or "bootstrap-admin service" => await BootstrapAdminCommand.RunAsync(line, settings),
            "healthcheck" => await HealthCheckCommand.RunAsync(settings),
            "update-compatibility metadata" => CompatibilityCommand.WriteMetadata(line),
            "update-compatibility check" => CompatibilityCommand.Check(line),
            _ => throw new CommandException($"The command '{command.Name}' is not available."),
        };
    }
}
