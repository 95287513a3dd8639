namespace Castellan.CommandLine;

/// <summary>A command and the flags of its own, beside the options of the server that every command takes.</summary>
/// <param name="Name">With its parent: <c>bootstrap-admin user</c>.</param>
/// <param name="Switches">Flags without a value.</param>
/// <param name="Values">Flags with a value, and what the value is called.</param>
internal sealed record Command(string Name, string Description, string[] Switches, (string Flag, string Label)[] Values)
{
    public static readonly Command[] All =
    [
        new("start", "Start the server.", ["--optimized", "--import-realm"], []),
        new("start-dev", "Start the server in development mode.", ["--import-realm"], []),
        new("build", "Creates a new and optimized server image.", [], []),
        new("export", "Export data from realms to a file or directory.", ["--optimized"],
            [("--dir", "dir"), ("--file", "file"), ("--realm", "realm"), ("--users", "strategy"), ("--users-per-file", "number")]),
        new("import", "Import data from a directory or a file.", ["--optimized"], [("--dir", "dir"), ("--file", "file"), ("--override", "override")]),
        new("show-config", "Print out the current configuration.", [], []),
        new("bootstrap-admin", "Commands for bootstrapping admin access", ["--no-prompt", "--optimized"], []),
        new("bootstrap-admin user", "Add an admin user", ["--no-prompt", "--optimized"],
            [("--username", "username"), ("--username:env", "variable"), ("--password:env", "variable")]),
        new("bootstrap-admin service", "Add an admin service account", ["--no-prompt", "--optimized"],
            [("--client-id", "client id"), ("--client-id:env", "variable"), ("--client-secret:env", "variable")]),
        new("healthcheck", "Ask a running server whether it is ready.", [], []),
        new("tools", "Utilities for use and interaction with the server.", [], []),
        new("tools completion", "Generate bash/zsh completion script for the program.", [], []),
        new("update-compatibility", "Checks if the metadata is compatible with the current configuration.", [], []),
        new("update-compatibility metadata", "Stores the metadata necessary to determine if a configuration is compatible.", [], [("--file", "file")]),
        new("update-compatibility check", "Checks if the metadata is compatible with the current configuration.", [], [("--file", "file")]),
    ];

    // Those that only hold others.
    public static readonly string[] Parents = ["bootstrap-admin", "tools", "update-compatibility"];

    // What a misspelt command is compared with.
    public static readonly string[] Suggested = ["build", "start", "export", "import", "show-config", "bootstrap-admin", "tools", "update-compatibility"];

    public static Command? Find(string name) => Array.Find(All, c => c.Name == name);

    /// <summary>Whether the command runs with the settings of development.</summary>
    public bool IsDevelopment => Name == "start-dev";
}

/// <summary>Ends a command with a text on the error stream; 2 for what was refused before anything ran, 1 for work that failed.</summary>
internal sealed class CommandException(string message, int exitCode = 2) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}
