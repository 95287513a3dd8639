using Castellan.CommandLine;
using Castellan.Commands;

namespace Castellan.Tests.CommandLine;

public sealed class Helps
{
    public static TheoryData<string> Commands => [.. Command.All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Say_something_of_every_flag(string name)
    {
        var command = Command.Find(name)!;
        foreach (var flag in command.Switches.Concat(command.Values.Select(v => v.Flag)))
        {
            Assert.NotEqual("", Help.Of(flag));
        }
    }
}
