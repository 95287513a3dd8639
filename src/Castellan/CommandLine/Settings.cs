using System.Collections;
using System.Globalization;
using System.Text;

namespace Castellan.CommandLine;

/// <summary>Where a value comes from; what is named first wins.</summary>
internal enum Source
{
    CommandLine,
    Environment,
    Property,
    File,
    KeyStore,
}

/// <summary>One value with its origin, as it is shown and refused.</summary>
internal sealed record Setting(string Name, string Value, Source Source, string Variable)
{
    /// <summary>How a refusal calls the option.</summary>
    public string Shown => Source switch
    {
        Source.CommandLine => $"'--{Name}'",
        Source.Environment => $"'{Variable}'",
        Source.Property => $"'kc.{Name}'",
        Source.KeyStore => $"'kc.{Name}' in the key store",
        _ => $"'kc.{Name}' in keycloak.conf",
    };

    public string Origin => Source switch
    {
        Source.CommandLine => "CLI",
        Source.Environment => "ENV",
        Source.Property => "SysPropConfigSource",
        Source.KeyStore => "KeyStoreConfigSource",
        _ => "keycloak.conf",
    };
}

/// <summary>All settings of a run: the command line beats the environment, that beats <c>-Dkc.…</c>, that the configuration file, and that the key store.</summary>
internal sealed class Settings
{
    private readonly Dictionary<string, Setting> _all = new(StringComparer.Ordinal);

    /// <summary>Everything that is set, known or not, by name.</summary>
    public IEnumerable<Setting> All => _all.Values.OrderBy(s => s.Name, StringComparer.Ordinal);

    public Setting? Find(string name) => _all.GetValueOrDefault(name);

    /// <summary>The value, or the option's default.</summary>
    public string? this[string name] => _all.TryGetValue(name, out var setting) ? setting.Value : OptionTable.Find(name)?.Default;

    /// <summary>A value that is set and not empty.</summary>
    public string? Given(string name) => _all.TryGetValue(name, out var setting) && setting.Value.Length > 0 ? setting.Value : null;

    public bool Flag(string name) => string.Equals(this[name], "true", StringComparison.OrdinalIgnoreCase);

    public int Number(string name) => int.Parse(this[name]!, CultureInfo.InvariantCulture);

    public TimeSpan Duration(string name) => Durations.Read(this[name]!) ?? throw new CommandException(Durations.Refusal(this[name]!));

    /// <summary>Takes what a key store holds for us (<c>kc.db-password</c> …) where nothing else said anything.</summary>
    public void AddSecrets(IEnumerable<KeyValuePair<string, string>> secrets)
    {
        foreach (var (alias, value) in secrets.Where(s => s.Key.StartsWith("kc.", StringComparison.Ordinal)))
        {
            _all.TryAdd(alias[3..], new(alias[3..], value, Source.KeyStore, ""));
        }
    }

    /// <summary>What a mode of running sets where nobody said anything.</summary>
    public void Default(string name, string value) => _all.TryAdd(name, new(name, value, Source.File, ""));

    public static Settings Collect(Invocation line, IDictionary environment, string? configFile)
    {
        var settings = new Settings();
        foreach (var (name, value) in line.Options)
        {
            settings._all.TryAdd(name, new(name, value, Source.CommandLine, ""));
        }

        settings.AddEnvironment(environment);
        foreach (var (name, value) in line.Properties.Where(p => p.Key.StartsWith("kc.", StringComparison.Ordinal)))
        {
            settings._all.TryAdd(name[3..], new(name[3..], value, Source.Property, ""));
        }

        if (configFile is not null)
        {
            foreach (var (name, raw) in ConfigurationFile.Read(File.ReadAllText(configFile)))
            {
                if (Expressions.Expand(raw, n => environment[n] as string) is { } value)
                {
                    settings._all.TryAdd(name, new(name, value, Source.File, ""));
                }
            }
        }

        return settings;
    }

    private void AddEnvironment(IDictionary environment)
    {
        foreach (var prefix in (string[])["CASTELLAN_", "KCRAW_", "KC_"])
        {
            foreach (DictionaryEntry entry in environment)
            {
                if (entry is not { Key: string variable, Value: string raw } || !variable.StartsWith(prefix, StringComparison.Ordinal))
                {
                    continue;
                }

                var name = variable[prefix.Length..].ToLowerInvariant().Replace("__", "--", StringComparison.Ordinal).Replace('_', '-');
                var value = prefix == "KCRAW_" ? raw : Expressions.Expand(raw, n => environment[n] as string);
                if (value is not null)
                {
                    _all.TryAdd(name, new(name, value, Source.Environment, variable));
                }
            }
        }
    }
}

/// <summary>The configuration file: Java properties.</summary>
internal static class ConfigurationFile
{
    public static IEnumerable<(string Name, string Value)> Read(string text)
    {
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd('\r').TrimStart()).Where(l => l.Length > 0 && l[0] is not ('#' or '!')))
        {
            var at = line.IndexOfAny(['=', ':']);
            yield return at < 0 ? (line.Trim(), "") : (line[..at].Trim(), line[(at + 1)..].Trim());
        }
    }
}

/// <summary><c>${NAME}</c> and <c>${NAME:fallback}</c> in a value, and <c>$$</c> for a dollar.</summary>
internal static class Expressions
{
    /// <summary>Null when a variable is missing that has no fallback: then the whole option counts as not set.</summary>
    public static string? Expand(string text, Func<string, string?> lookup)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append(text[i++]);
            }
            else if (text[i + 1] == '{' && text.IndexOf('}', i) is > 0 and var end)
            {
                var inside = text[(i + 2)..end].Split(':', 2);
                if ((lookup(inside[0]) ?? (inside.Length > 1 ? inside[1] : null)) is not { } value)
                {
                    return null;
                }

                result.Append(value);
                i = end;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }
}

/// <summary>Durations: ISO 8601, seconds, or a number with a unit.</summary>
internal static class Durations
{
    public static TimeSpan? Read(string text)
    {
        if (text.StartsWith('P') || text.StartsWith('p'))
        {
            try
            {
                return System.Xml.XmlConvert.ToTimeSpan(text.ToUpperInvariant());
            }
            catch (FormatException)
            {
                return null;
            }
        }

        var digits = text.TrimEnd('m', 's', 'h', 'd');
        return !long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? null : text[digits.Length..] switch
        {
            "" or "s" => TimeSpan.FromSeconds(number),
            "ms" => TimeSpan.FromMilliseconds(number),
            "m" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            "d" => TimeSpan.FromDays(number),
            _ => null,
        };
    }

    public static string Refusal(string text) =>
        $"Invalid duration format '{text}'. May be an ISO 8601 duration value, an integer number of seconds, or an integer followed by one of [ms, h, m, s, d].";
}
