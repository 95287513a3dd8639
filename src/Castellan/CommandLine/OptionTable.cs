namespace Castellan.CommandLine;

/// <summary>An option of the server: as <c>--name</c>, as <c>KC_NAME</c> or in the configuration file.</summary>
/// <param name="Values">Words that may stand there, or what kind of value it is.</param>
/// <param name="IsBuildTime">Whether Keycloak fixes it when it is built; here it is only remembered.</param>
/// <param name="Handling"><c>must</c>, <c>accept, warn</c> or <c>not applicable</c>.</param>
/// <param name="Condition">What must be on for the option to mean anything; empty for nothing.</param>
internal sealed record Option(string Group, string Name, string Values, string? Default, bool IsBuildTime, string Handling, string Condition)
{
    private static readonly HashSet<string> s_numbers =
        ["port", "threads", "requests", "queue-length", "max-count", "milliseconds", "days", "index", "max-length"];

    public string Flag => "--" + Name;

    /// <summary>The words that a value must be among; null when any text may stand there.</summary>
    public string[]? Words { get; } = Enumeration(Values);

    /// <summary>Whether several words may stand there with commas between them.</summary>
    public bool IsList => Name.EndsWith("key-resolvers", StringComparison.Ordinal) || Name is "log" or "https-protocols" or "event-metrics-user-tags" or "log-mdc-keys" or "proxy-trusted-addresses" or "features" or "features-disabled";

    public bool IsNumber => s_numbers.Contains(Values) || (Values == "size" && Name.StartsWith("db-pool", StringComparison.Ordinal));

    public bool IsBoolean => Words is ["true", "false"];

    /// <summary>Whether the name ends in something that the user chooses, <c>log-level-&lt;category&gt;</c>.</summary>
    public bool IsPattern => Name.EndsWith('>');

    /// <summary>Whether it belongs to a provider, <c>spi-…</c>: these are not among the options that a misspelt one is compared with.</summary>
    public bool IsOfProvider => Name.StartsWith("spi-", StringComparison.Ordinal);

    public bool IsSecret => IsSecretName(Name);

    /// <summary>Whether values of this name are nobody's to see.</summary>
    public static bool IsSecretName(string name) =>
        name.Contains("password", StringComparison.Ordinal) || name.Contains("secret", StringComparison.Ordinal) || name is "vault-pass" or "master-key";

    private static string[]? Enumeration(string values)
    {
        if (!values.Contains(", ", StringComparison.Ordinal) || values.Contains("custom", StringComparison.Ordinal) || values.Contains('|', StringComparison.Ordinal))
        {
            return null;
        }

        var words = values.Split(',', StringSplitOptions.TrimEntries).Select(w => w.Split(' ')[0]).ToArray();
        return words;
    }
}

/// <summary>All options, from the table beside this file.</summary>
internal static class OptionTable
{
    private static readonly Lazy<List<Option>> s_all = new(Read);
    private static readonly Lazy<Dictionary<string, Option>> s_byName = new(() => s_all.Value.ToDictionary(o => o.Name, StringComparer.Ordinal));

    public static IReadOnlyList<Option> All => s_all.Value;

    /// <summary>The option of this name, patterns and options of providers included; null when there is none.</summary>
    public static Option? Find(string name)
    {
        if (s_byName.Value.TryGetValue(name, out var option))
        {
            return option;
        }

        if (name.StartsWith("spi-", StringComparison.Ordinal))
        {
            return new("Providers", name, "value", null, false, "accept, warn", "");
        }

        return s_all.Value.Where(o => o.IsPattern && !o.Name.Contains("<datasource>", StringComparison.Ordinal)).FirstOrDefault(o =>
            o.Name.IndexOf('<', StringComparison.Ordinal) is var at && name.Length > at && name.StartsWith(o.Name[..at], StringComparison.Ordinal)) is { } pattern
                ? pattern with { Name = name }
                : null;
    }

    private static List<Option> Read()
    {
        using var stream = typeof(OptionTable).Assembly.GetManifestResourceStream("options.tsv")!;
        using var reader = new StreamReader(stream);
        return
        [
            .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith('#')).Select(l => (l + "\t\t\t\t\t\t").Split('\t'))
                .Select(c => new Option(c[0], c[1], c[2], c[3].Length == 0 ? null : c[3], c[4] == "build", c[5], c[6])),
        ];
    }
}
