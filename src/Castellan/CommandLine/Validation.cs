using System.Globalization;
using System.Net;

namespace Castellan.CommandLine;

/// <summary>Checks settings before anything runs, in the order in which Keycloak meets them.</summary>
internal static class Validation
{
    private const string DeprecatedDb =
        "Usage of the default value for the db option in the production profile is deprecated. Please explicitly set the db instead.";

    private const string Insecure =
        "With HTTPS not enabled, `proxy-headers` unset, and `hostname-strict=false`, the server is running in an insecure context. Secure contexts are required for full "
        + "functionality, including cross-origin cookies. Also if you are using a proxy, requests from the proxy to the server will fail CORS checks with 403s because the "
        + "wrong origin will be determined. Make sure `proxy-headers` are configured properly.";

    private const string NoKeys =
        "Key material not provided to setup HTTPS. Please configure your keys/certificates, or if HTTPS access is not needed see the `http-enabled` option. If you meant to "
        + "start the server in development mode, see the `start-dev` command.";

    private static readonly string[] s_levels = ["off", "fatal", "error", "warn", "info", "debug", "trace", "all"];

    // Options whose value would mean another program altogether.
    private static readonly string[] s_otherDatabases = ["mariadb", "mssql", "mysql", "oracle", "tidb"];

    /// <summary>Says what is doubtful through <paramref name="warn"/>, and throws <see cref="CommandException"/> for what is refused.</summary>
    public static void Check(Invocation line, Settings settings, Command command, Action<string> warn)
    {
        if (line.Repeated.Count > 0)
        {
            warn($"Duplicated options present in CLI: {string.Join(", ", line.Repeated.Distinct())}");
        }

        if (!command.IsDevelopment && settings.Find("db") is null && command.Name is not ("build" or "show-config" or "healthcheck"))
        {
            warn(DeprecatedDb);
        }

        CheckAvailable(line, settings, warn);
        foreach (var setting in settings.All)
        {
            if (OptionTable.Find(setting.Name) is { } option && setting.Value.Length > 0)
            {
                CheckValue(setting, option);
            }
        }

        Features.Check(settings);
        CheckLogging(settings);
        CheckTogether(settings);
        if (command.Name == "start")
        {
            CheckProduction(settings, warn);
        }

        WarnOfIdle(settings, command, warn);
        if (command.Name is "start" or "start-dev")
        {
            Features.Warn(settings, warn);
        }
    }

    private static void CheckAvailable(Invocation line, Settings settings, Action<string> warn)
    {
        var ignored = new List<string>();
        foreach (var setting in settings.All)
        {
            if (OptionTable.Find(setting.Name) is not { } option || Conditions.IsOn(option, n => settings[n]))
            {
                continue;
            }

            if (setting.Source == Source.CommandLine)
            {
                var near = Suggestions.Options(option.Flag, OptionTable.All.Where(o => !o.IsOfProvider && Conditions.IsOn(o, n => settings[n])).Select(o => o.Flag));
                throw new CommandException(
                    $"Disabled option: '{option.Flag}'. Available only when {Conditions.Text(option)}\nPossible solutions: {string.Join(", ", near)}\n{line.TryHelp()}\n"
                    + "Specify '--help-all' to obtain information on all options and their availability.");
            }

            ignored.Add($"- {option.Name}: Available only when {Conditions.Text(option)}");
        }

        if (ignored.Count > 0)
        {
            warn($"The following used run time options are UNAVAILABLE and will be ignored during build time:\n\t{string.Join("\n\t", ignored)}");
        }
    }

    /// <summary>Deployments of Keycloak set much that has no counterpart here. They start all the same, but are not left to believe that it does something.</summary>
    private static void WarnOfIdle(Settings settings, Command command, Action<string> warn)
    {
        var idle = settings.All.Where(s => s.Value.Length > 0 && OptionTable.Find(s.Name) is { Handling: not "must" }).Select(s => s.Name).ToList();
        if (idle.Count > 0 && command.Name is ("start" or "start-dev"))
        {
            warn($"The following options are accepted and have no effect here: {string.Join(", ", idle)}");
        }
    }

    private static void CheckValue(Setting setting, Option option)
    {
        if (option.IsNumber && !long.TryParse(setting.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            throw new CommandException($"Invalid value for option {setting.Shown}: Expected an integer value, got \"{setting.Value}\"");
        }

        if (option.Words is { } words)
        {
            foreach (var value in option.IsList ? setting.Value.Split(',') : [setting.Value])
            {
                if (!words.Contains(value, option.IsBoolean ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal))
                {
                    throw new CommandException($"Invalid value for option {setting.Shown}: {value}. Expected values are: {string.Join(", ", words)}");
                }
            }
        }

        if (setting.Name is "shutdown-delay" or "shutdown-timeout" or "https-certificates-reload-period" or "db-connect-timeout" && Durations.Read(setting.Value) is null)
        {
            throw new CommandException(Durations.Refusal(setting.Value));
        }

        if (setting.Name == "db" && s_otherDatabases.Contains(setting.Value))
        {
            throw new CommandException($"The database '{setting.Value}' is not supported. Use postgres, or dev-file for the embedded store.");
        }

        if (setting is { Name: "fips-mode", Value: not "disabled" })
        {
            throw new CommandException("fips-mode is not supported.");
        }
    }

    private static void CheckLogging(Settings settings)
    {
        foreach (var entry in (settings.Given("log-level") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var level = entry[(entry.LastIndexOf(':') + 1)..];
            if (!s_levels.Contains(level, StringComparer.OrdinalIgnoreCase))
            {
                throw new CommandException($"ERROR: Invalid log category format: {entry}. The format is 'category:level' such as 'org.keycloak:debug'.");
            }
        }
    }

    private static void CheckTogether(Settings settings)
    {
        if (settings.Given("proxy-trusted-addresses") is { } trusted)
        {
            if (settings.Given("proxy-headers") is null)
            {
                throw new CommandException("proxy-trusted-addresses available only when proxy-headers is set");
            }

            foreach (var address in trusted.Split(',', StringSplitOptions.TrimEntries))
            {
                if (!IPAddress.TryParse(address, out _) && !IPNetwork.TryParse(address, out _))
                {
                    throw new CommandException($"{address} is not a valid IP address (IPv4 or IPv6) nor valid CIDR notation.");
                }
            }
        }

        if (settings.Flag("proxy-protocol-enabled") && settings.Given("proxy-headers") is not null)
        {
            throw new CommandException("proxy protocol cannot be enabled when using the `proxy-headers` option");
        }

        if (settings.Flag("proxy-protocol-enabled"))
        {
            // Taken without being spoken, it would make every connection fail.
            throw new CommandException("proxy-protocol-enabled is not supported. Let the proxy send headers, and set proxy-headers.");
        }

        foreach (var (name, needs, text) in ((string, string, string)[])
        [
            ("bootstrap-admin-username", "bootstrap-admin-password", "bootstrap admin password"),
            ("bootstrap-admin-client-id", "bootstrap-admin-client-secret", "bootstrap admin client secret"),
        ])
        {
            if (settings.Given(name) is not null && settings.Given(needs) is null)
            {
                throw new CommandException($"{name} available only when {text} is set");
            }
        }

        if (settings.Given("https-certificate-file") is null != (settings.Given("https-certificate-key-file") is null))
        {
            throw new CommandException("You must specify the key files when specifying the certificate files");
        }
    }

    private static void CheckProduction(Settings settings, Action<string> warn)
    {
        var https = settings.Given("https-certificate-file") is not null || settings.Given("https-key-store-file") is not null;
        var proxied = settings.Given("proxy-headers") is not null;
        if (!https && !proxied && settings.Given("hostname") is null)
        {
            warn(Insecure);
        }

        if (!https && !proxied && settings.Given("hostname")?.StartsWith("https://", StringComparison.Ordinal) is true)
        {
            warn("Likely misconfiguration detected. When using an edge proxy, you must use `proxy-headers`.");
        }

        if (!https && !settings.Flag("http-enabled"))
        {
            throw new CommandException(NoKeys);
        }
    }
}
