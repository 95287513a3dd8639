using Castellan.CommandLine;

namespace Castellan.Commands;

/// <summary>What a way of running takes for granted.</summary>
internal static class Modes
{
    public static void Apply(Command command, Settings settings)
    {
        if (command.IsDevelopment)
        {
            settings.Default("http-enabled", "true");
            settings.Default("hostname-strict", "false");
            settings.Default("http-host", "localhost");
        }
    }
}
