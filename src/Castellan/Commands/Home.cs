using System.Collections;

namespace Castellan.Commands;

/// <summary>Where the program is installed: the folder above its own, as in <c>bin/kc.sh</c> and <c>conf/keycloak.conf</c>.</summary>
internal static class Home
{
    /// <summary>The configuration file: named by <c>KC_CONFIG_FILE</c>, else that of the installation; null when there is none.</summary>
    public static string? ConfigFile(IDictionary environment)
    {
        if (environment["KC_CONFIG_FILE"] is string { Length: > 0 } named)
        {
            return named;
        }

        return Find(Path.Combine("conf", "keycloak.conf"));
    }

    /// <summary>A file or folder of the installation; null when it is not there.</summary>
    public static string? Find(string relative)
    {
        var called = Environment.GetCommandLineArgs()[0];
        foreach (var program in (string?[])[called.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(called) : null, Environment.ProcessPath])
        {
            if (program is not null && Path.GetDirectoryName(Path.GetDirectoryName(program)) is { } home && Path.Combine(home, relative) is var path && Path.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
