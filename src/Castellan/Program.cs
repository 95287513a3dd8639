using Castellan.CommandLine;
using Castellan.Commands;

var program = Path.GetFileName(Environment.GetCommandLineArgs()[0]);
if (program.EndsWith(".dll", StringComparison.Ordinal))
{
    program = program[..^4];
}

return await Dispatcher.RunAsync(program, args);
