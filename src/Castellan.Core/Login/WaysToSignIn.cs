namespace Castellan.Core.Login;

/// <summary>What a person may choose from where a flow asks them for something.</summary>
internal sealed class WaysToSignIn(LoginSteps steps, FlowRules rules)
{
    /// <summary>The ways that a person could take instead of this execution, itself among them; those with the person's own credentials first.</summary>
    internal async ValueTask<IReadOnlyList<Execution>> OfAsync(LoginContext context, Execution execution)
    {
        var byType = new Dictionary<string, Execution>(StringComparer.Ordinal);
        var others = new List<Execution>();
        if (HighestUseful(execution) is { } flow)
        {
            await CollectAsync(context, flow, byType, others);
        }
        else
        {
            Collect(context, execution, byType, others);
        }

        var ways = new List<Execution>();
        if (context.User is { } user && byType.Count > 0)
        {
            foreach (var type in (await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Select(c => c.Type!).Distinct())
            {
                if (byType.TryGetValue(type, out var way))
                {
                    ways.Add(way);
                }
            }
        }

        // Whoever is not known yet has nothing of their own here, but may come by what says itself who they are.
        return context.User is null ? [.. others, .. byType.Values.Where(way => !steps.Find(way.Step)!.NeedsUser)] : [.. ways, .. others];
    }

    /// <summary>
    /// The largest flow whose beginning this execution is: what a person sees at its beginning is a choice among everything in it.
    /// </summary>
    private static Flow? HighestUseful(Execution execution)
    {
        Flow? highest = null;
        while (true)
        {
            if (execution.IsAlternative)
            {
                highest = execution.Parent;
            }
            else
            {
                highest = execution.Flow ?? highest;
                if (execution.Parent.Executions.Count == 0 || execution.Parent.Executions[0] != execution)
                {
                    return highest;
                }
            }

            if (execution.Parent.Holder is not { } holder)
            {
                return highest;
            }

            execution = holder;
        }
    }

    private async ValueTask CollectAsync(LoginContext context, Flow flow, Dictionary<string, Execution> byType, List<Execution> others)
    {
        var (required, alternatives) = rules.Sort(flow);
        if (required.Count > 0)
        {
            // Of what must be done one after the other, only the first can be chosen.
            var (at, level) = (context.Execution, context.Tab.Note(LoginNotes.LevelNow));
            var first = required[0].IsConditional ? null : required[0];
            for (var i = 0; first is null && i < required.Count; i++)
            {
                first = !required[i].IsConditional || await rules.HoldsAsync(context, required[i], keep: false) ? required[i] : null;
            }

            context.Execution = at;
            context.Tab.SetNote(LoginNotes.LevelNow, level);
            alternatives = first is null ? [] : [first];
        }

        foreach (var execution in alternatives)
        {
            if (context.IsDone(execution))
            {
                continue;
            }

            if (execution.Flow is { } inner)
            {
                await CollectAsync(context, inner, byType, others);
            }
            else
            {
                Collect(context, execution, byType, others);
            }
        }
    }

    private void Collect(LoginContext context, Execution execution, Dictionary<string, Execution> byType, List<Execution> others)
    {
        if (context.IsDone(execution) || steps.Find(execution.Step) is not { } step)
        {
            return;
        }

        if (step.CredentialType is { } type)
        {
            byType.TryAdd(type, execution);
        }
        else
        {
            others.Add(execution);
        }
    }
}
