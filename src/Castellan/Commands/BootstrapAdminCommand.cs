using Castellan.CommandLine;
using Castellan.Hosting;

namespace Castellan.Commands;

/// <summary>Adds an administrator to the master realm, while no server runs: the way back in when everybody is locked out.</summary>
internal static class BootstrapAdminCommand
{
    public static async Task<int> RunAsync(Invocation line, Settings settings)
    {
        var isUser = line.Command!.Name == "bootstrap-admin user";
        var (nameFlag, secretFlag, what) = isUser ? ("--username", "--password:env", "password") : ("--client-id", "--client-secret:env", "client secret");
        var name = FromEnvironment(line, nameFlag + ":env") ?? line.Value(nameFlag)
            ?? settings.Given(isUser ? "bootstrap-admin-username" : "bootstrap-admin-client-id") ?? "temp-admin";
        if (string.IsNullOrWhiteSpace(name))
        {
            throw new CommandException($"Invalid value for option '{nameFlag}': the name is empty");
        }

        var secret = FromEnvironment(line, secretFlag) ?? settings.Given(isUser ? "bootstrap-admin-password" : "bootstrap-admin-client-secret");
        if (secret is null && line.Has("--no-prompt"))
        {
            throw new CommandException($"No {what} provided");
        }

        secret ??= Ask(what);
        await using var installation = await Installation.OpenAsync(settings);
        await installation.Import.EnsureMasterAsync();
        var added = isUser
            ? await installation.Administrators.AddUserAsync(name, secret, temporary: true)
            : await installation.Administrators.AddServiceAsync(name, secret, temporary: true);
        if (added)
        {
            Console.WriteLine(isUser
                ? $"KC-SERVICES0077: Created temporary admin user with username {name}"
                : $"KC-SERVICES0078: Created temporary admin client with client ID {name}");
        }
        else
        {
            Console.WriteLine(isUser
                ? $"KC-SERVICES0010: Failed to add user '{name}' to realm 'master': user with username exists"
                : $"KC-SERVICES0109: Failed to add client '{name}' to realm 'master': client with client ID exists");
        }

        return 0;
    }

    private static string? FromEnvironment(Invocation line, string flag) => line.Value(flag) is not { } variable
        ? null
        : Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : throw new CommandException($"Environment variable {variable} not found");

    private static string Ask(string what)
    {
        if (Console.IsInputRedirected)
        {
            throw new CommandException($"ERROR: Failed to run 'bootstrap-admin' command.\nERROR: Console is not active, but {what} is required", 1);
        }

        while (true)
        {
            var first = AskOnce($"Enter {what}: ");
            if (first.Length > 0 && first == AskOnce($"Enter {what} again: "))
            {
                return first;
            }

            Console.WriteLine("Empty, or not the same twice. Once more:");
        }
    }

    private static string AskOnce(string question)
    {
        Console.Write(question);
        var typed = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else
            {
                typed.Append(key.KeyChar);
            }
        }

        Console.WriteLine();
        return typed.ToString();
    }
}
