namespace Castellan.Core.Login;

/// <summary>What of a flow must be done, may be done, and counts at all for who signs in.</summary>
internal sealed class FlowRules(LoginSteps steps)
{
    /// <summary>What of a flow must be done, and what may. Conditions are no executions of their own.</summary>
    internal (List<Execution> Required, List<Execution> Alternatives) Sort(Flow flow)
    {
        List<Execution> required = [], alternatives = [];
        foreach (var execution in flow.Executions.Where(e => steps.FindCondition(e.Step) is null))
        {
            if (execution.IsRequired || (execution.IsConditional && execution.Flow is not null))
            {
                required.Add(execution);
            }
            else if (execution.IsAlternative)
            {
                alternatives.Add(execution);
            }
        }

        // Beside what must be done nothing can be chosen.
        return (required, required.Count > 0 ? [] : alternatives);
    }

    /// <summary>
    /// Whether a conditional sub-flow counts. An answer "yes" is kept, so that a condition which its own sub-flow changes cannot let the person out
    /// half way. With a "no" it is asked again each time: what it looks at may be done further on.
    /// </summary>
    /// <param name="keep">False while only looking at what the person could do: nothing is decided by that.</param>
    internal async ValueTask<bool> HoldsAsync(LoginContext context, Execution holder, bool keep = true)
    {
        var conditions = holder.Flow!.Executions.Where(e => !e.IsDisabled && steps.FindCondition(e.Step) is not null).ToList();
        if (conditions.Count == 0)
        {
            return false;
        }

        foreach (var execution in conditions)
        {
            if (context.Tab.Statuses.GetValueOrDefault(execution.Id) == ExecutionStatus.HoldsTrue)
            {
                continue;
            }

            context.Execution = execution;
            var holds = await steps.FindCondition(execution.Step)!.HoldsAsync(context);
            if (!holds)
            {
                return false;
            }

            if (keep)
            {
                context.Tab.Statuses[execution.Id] = ExecutionStatus.HoldsTrue;
            }
        }

        return true;
    }

    /// <summary>Tells the conditions that hold in this flow that it was gone through.</summary>
    internal void Passed(LoginContext context, Flow flow)
    {
        foreach (var execution in flow.Executions.Where(e => !e.IsDisabled))
        {
            if (steps.FindCondition(execution.Step) is { } condition && context.Tab.Statuses.GetValueOrDefault(execution.Id) == ExecutionStatus.HoldsTrue)
            {
                context.Execution = execution;
                condition.OnPassed(context);
            }
        }
    }
}
