using System.Text.Json;

namespace Castellan.Core.Login;

/// <summary>Authentication method references (RFC 8176): which executions were passed, and when.</summary>
public static class Amr
{
    /// <summary>Notes that an execution was passed, where the administrator gave it a reference.</summary>
    public static void Note(LoginContext context, Execution execution)
    {
        if (execution.Setting("default.reference.value") is null)
        {
            return;
        }

        var completed = Levels.Read(context.Tab.SessionNotes.GetValueOrDefault(LoginNotes.AuthenticatorsCompleted));
        completed[execution.Id] = context.Now / 1000;
        context.Tab.SessionNotes[LoginNotes.AuthenticatorsCompleted] = JsonSerializer.Serialize(completed, LoginJson.Default.DictionaryStringInt64);
    }

    /// <summary>The references that still count, from the notes of a session.</summary>
    public static IEnumerable<string> Of(Flows flows, string? note, long nowSeconds)
    {
        foreach (var (id, at) in Levels.Read(note))
        {
            if (flows.FindExecution(id) is { } execution && execution.Setting("default.reference.value") is { } reference
                && (!int.TryParse(execution.Setting("default.reference.maxAge"), out var maxAge) || maxAge == 0 || at + maxAge >= nowSeconds))
            {
                yield return reference;
            }
        }
    }
}
