namespace Castellan.CommandLine;

/// <summary>A command line, taken apart.</summary>
internal sealed class Invocation
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _switches = new(StringComparer.Ordinal);

    /// <summary>What the program was called as; refusals name it.</summary>
    public required string Program { get; init; }

    public Command? Command { get; private set; }

    public string? ConfigFile { get; private set; }

    public bool Help { get; private set; }

    public bool Version { get; private set; }

    public bool Verbose { get; private set; }

    /// <summary>Options of the server by name.</summary>
    public Dictionary<string, string> Options { get; } = new(StringComparer.Ordinal);

    /// <summary>What <c>-Dname=value</c> set.</summary>
    public Dictionary<string, string> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>Flags that were given more than once.</summary>
    public List<string> Repeated { get; } = [];

    /// <summary>Words behind the command, for the few that take some.</summary>
    public List<string> Words { get; } = [];

    public string? Value(string flag) => _values.GetValueOrDefault(flag);

    public bool Has(string flag) => _switches.Contains(flag);

    /// <exception cref="CommandException">The line cannot be understood.</exception>
    public static Invocation Parse(string program, IReadOnlyList<string> args)
    {
        var line = new Invocation { Program = program };
        for (var i = 0; i < args.Count; i++)
        {
            i = line.Take(args, i);
        }

        if (line.Command is { } command && Command.Parents.Contains(command.Name) && !line.Help)
        {
            throw new CommandException($"Missing required subcommand\n{line.TryHelp()}");
        }

        return line;
    }

    /// <summary>Which help to look at.</summary>
    public string TryHelp() => $"Try '{(Command is null ? Program : $"{Program} {Command.Name}")} --help' for more information on the available options.";

    private int Take(IReadOnlyList<string> args, int i)
    {
        var arg = args[i];
        if (arg.StartsWith("-D", StringComparison.Ordinal))
        {
            var property = arg[2..].Split('=', 2);
            Properties[property[0]] = property.Length > 1 ? property[1] : "true";
            return i;
        }

        var (flag, value) = arg.StartsWith('-') && arg.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (arg[..at], arg[(at + 1)..]) : (arg, null);
        switch (flag)
        {
            case "-h" or "--help" or "--help-all":
                Help = true;
                return i;
            case "-V" or "--version":
                Version = true;
                return i;
            case "-v" or "--verbose":
                Verbose = true;
                return i;
            case "--debug":
                return i + 1 < args.Count && int.TryParse(args[i + 1], out _) ? i + 1 : i;
            case "-cf" or "--config-file":
                ConfigFile = value ?? Next(args, ref i, flag, "file");
                if (!File.Exists(ConfigFile))
                {
                    throw new CommandException($"File specified via '--config-file' or '-cf' option does not exist.\nTry '{Program} --help' for more information on the available options.");
                }

                return i;
        }

        if (!flag.StartsWith('-'))
        {
            TakeWord(flag);
            return i;
        }

        return TakeFlag(args, i, flag, value);
    }

    private void TakeWord(string word)
    {
        if (Command is null)
        {
            Command = Command.Find(word) ?? throw new CommandException(
                $"Unknown option: '{word}'\nDid you mean: {string.Join(" or ", Suggestions.Nearest(word, Command.Suggested).Take(3).Select(c => $"{Program} {c}"))}?\n{TryHelp()}");
        }
        else if (Command.Find($"{Command.Name} {word}") is { } sub)
        {
            Command = sub;
        }
        else if (Command.Name == "show-config")
        {
            Words.Add(word);
        }
        else
        {
            throw new CommandException($"Unknown option: '{word}'\n{TryHelp()}");
        }
    }

    private int TakeFlag(IReadOnlyList<string> args, int i, string flag, string? value)
    {
        if (Command?.Switches.Contains(flag) is true)
        {
            _switches.Add(flag);
            return i;
        }

        if (Command?.Values.FirstOrDefault(v => v.Flag == flag) is { Flag: not null } own)
        {
            _values[flag] = value ?? Next(args, ref i, flag, own.Label);
            return i;
        }

        if (OptionTable.Find(flag[2..]) is { IsPattern: false } option && flag.StartsWith("--", StringComparison.Ordinal))
        {
            var given = value ?? Next(args, ref i, flag, option.Values);
            if (!Options.TryAdd(option.Name, given))
            {
                Options[option.Name] = given;
                Repeated.Add(flag);
            }

            return i;
        }

        var ofCommand = (Command?.Switches ?? []).Concat((Command?.Values ?? []).Select(v => v.Flag));
        var near = Suggestions.Options(flag, ofCommand.Concat(OptionTable.All.Where(o => !o.IsOfProvider && Conditions.IsOn(o, Options.GetValueOrDefault)).Select(o => o.Flag)));
        throw new CommandException($"Unknown option: '{flag}'\n{(near.Count == 0 ? "" : $"Possible solutions: {string.Join(", ", near)}\n")}{TryHelp()}");
    }

    private string Next(IReadOnlyList<string> args, ref int i, string flag, string label)
    {
        if (i + 1 >= args.Count || args[i + 1].StartsWith("--", StringComparison.Ordinal))
        {
            throw new CommandException($"Option '{flag}' ({label}) expects a single value.\n{TryHelp()}");
        }

        return args[++i];
    }
}
