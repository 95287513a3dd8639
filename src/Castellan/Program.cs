using Castellan.CommandLine;
using Castellan.Commands;

var program = Path.GetFileName(Environment.GetCommandLineArgs()[0]);
if (program.EndsWith(".dll", StringComparison.Ordinal))
{
    // Under the runtime the first argument is the library; the name that was called is that of the host.
    program = Path.GetFileName(Environment.ProcessPath) ?? program[..^4];
}

return await Dispatcher.RunAsync(program, args);
