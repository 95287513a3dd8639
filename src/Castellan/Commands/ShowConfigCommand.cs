using Castellan.CommandLine;

namespace Castellan.Commands;

/// <summary>Prints what is set, and where it comes from; secrets masked.</summary>
internal static class ShowConfigCommand
{
    public static void Run(Settings settings, Invocation line)
    {
        Console.WriteLine("Current Mode: production");
        Console.WriteLine("Current Configuration:");
        foreach (var setting in settings.All)
        {
            var secret = setting.Source == Source.KeyStore || Option.IsSecretName(setting.Name);
            Console.WriteLine($"\tkc.{setting.Name} =  {(secret ? "*******" : setting.Value)} ({setting.Origin})");
        }

        if (line.Words.Contains("all"))
        {
            foreach (var option in OptionTable.All.Where(o => o.Default is not null && settings.Find(o.Name) is null))
            {
                Console.WriteLine($"\tkc.{option.Name} =  {option.Default} (default)");
            }
        }
    }
}
