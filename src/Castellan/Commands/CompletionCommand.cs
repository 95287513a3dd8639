using System.Text;
using Castellan.CommandLine;

namespace Castellan.Commands;

/// <summary>Writes a script that completes commands, options and their words in bash, and in zsh by <c>bashcompinit</c>: <c>source &lt;(castellan tools completion)</c>.</summary>
internal static class CompletionCommand
{
    public static int Run(Invocation line)
    {
        Console.Write(Script(line.Program));
        return 0;
    }

    internal static string Script(string program)
    {
        var function = "_" + string.Concat(program.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        var options = OptionTable.All.Where(o => !o.IsPattern && o.Handling != "not applicable").ToList();
        var script = new StringBuilder();
        script.Append($$"""
            # Completion for {{program}}: source <({{program}} tools completion)
            [ -n "${ZSH_VERSION:-}" ] && autoload -U +X bashcompinit && bashcompinit
            {{function}}() {
              local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" command="" word
              [ "$current" = "=" ] && current=""
              [ "$before" = "=" ] && before="${COMP_WORDS[COMP_CWORD-2]}"
              for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case "$word" in -*|=) ;; *) case " {{string.Join(' ', Command.All.SelectMany(c => c.Name.Split(' ')).Distinct())}} " in *" $word "*) command="${command:+$command }$word" ;; esac ;; esac
              done
              case "$before" in
                -cf|--config-file|--file|--dir|*-file|*-dir|*-keystore) COMPREPLY=($(compgen -f -- "$current")); return ;;

            """);
        foreach (var words in options.Where(o => o.Words is not null).GroupBy(o => string.Join(' ', o.Words!)))
        {
            script.Append($"    {string.Join('|', words.Select(o => o.Flag))}) COMPREPLY=($(compgen -W '{words.Key}' -- \"$current\")); return ;;\n");
        }

        script.Append("  esac\n  local words=''\n  case \"$command\" in\n");
        script.Append($"    '') words='{string.Join(' ', Command.All.Where(c => !c.Name.Contains(' ', StringComparison.Ordinal)).Select(c => c.Name))} --help --version --verbose --config-file' ;;\n");
        foreach (var command in Command.All)
        {
            var below = Command.All.Where(c => c.Name.StartsWith(command.Name + " ", StringComparison.Ordinal)).Select(c => c.Name[(command.Name.Length + 1)..]);
            script.Append($"    '{command.Name}') words='{string.Join(' ', below.Concat(command.Switches).Concat(command.Values.Select(v => v.Flag)).Append("--help"))}' ;;\n");
        }

        script.Append($$"""
              esac
              case "$current" in --*) words="$words {{string.Join(' ', options.Select(o => o.Flag))}}" ;; esac
              COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -F {{function}} {{program}}

            """);
        return script.ToString();
    }
}
