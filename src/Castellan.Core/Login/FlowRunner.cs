namespace Castellan.Core.Login;

/// <summary>Where a flow stands after a request.</summary>
public abstract record FlowResult
{
    /// <summary>Everything that the flow demands is proved, or must be set up by a required action first.</summary>
    public static readonly FlowResult Passed = new PassedFlow();

    public static readonly FlowResult Restart = new RestartFlow();

    public sealed record PassedFlow : FlowResult;

    public sealed record RestartFlow : FlowResult;

    /// <summary>On to the ordinary sign-in, with a message.</summary>
    public sealed record Forked(LoginMessage Message) : FlowResult;

    /// <summary>A page that the person must answer.</summary>
    public sealed record Asks(Execution Execution, LoginPage Page, bool Wrong) : FlowResult;

    public sealed record Failed(FlowError Error, LoginPage? Page) : FlowResult;

    public sealed record Elsewhere(Execution Execution, string Url) : FlowResult;
}

/// <summary>
/// Runs a flow over a tab. What was proved stands in <see cref="AuthenticationTab.Statuses"/>, so a run can always begin at the top: it passes what
/// is done and stops at the first execution that wants something. No step can be reached but through this, and none can declare another passed.
/// </summary>
public sealed class FlowRunner(LoginSteps steps)
{
    /// <summary>Begins or goes on.</summary>
    public async ValueTask<FlowResult> RunAsync(LoginContext context, Flow top)
    {
        context.Flow = top;
        var (stop, passed, error) = await FlowAsync(context, top);
        if (stop is not null)
        {
            return stop;
        }

        if (context.User is null)
        {
            return new FlowResult.Failed(error ?? FlowError.UnknownUser, null);
        }

        if (!passed)
        {
            return new FlowResult.Failed(error ?? FlowError.InvalidCredentials, null);
        }

        return Levels.IsForcedLevelMissed(context)
            ? new FlowResult.Failed(FlowError.LevelNotReached, new ErrorPage(400, "acrNotFulfilled"))
            : FlowResult.Passed;
    }

    /// <summary>Hands a form to the execution whose page was shown last; to no other.</summary>
    public async ValueTask<FlowResult> AnswerAsync(LoginContext context, Flow top, Execution execution, LoginForm form)
    {
        context.Flow = top;
        if (execution.Step is null || Top(execution) != top || IsDone(context, execution) || IsDisabled(execution) || context.Tab.Execution != execution.Id)
        {
            return await RunAsync(context, top);
        }

        if (form.Has("tryAnotherWay"))
        {
            var ways = await WaysAsync(context, execution);
            if (ways.Count > 1)
            {
                context.Tab.SetNote(LoginNotes.Selected, null);
                return new FlowResult.Asks(execution, new SelectWayPage([.. ways.Select(w => (w.Id, steps.Find(w.Step)!.NameKey, steps.Find(w.Step)!.HelpKey))]), false);
            }
        }
        else if (form["authenticationExecution"] is { Length: > 0 } chosen)
        {
            // Only what is on offer can be chosen: the id comes from the browser.
            if ((await WaysAsync(context, execution)).FirstOrDefault(w => w.Id == chosen) is { } way)
            {
                context.Tab.SetNote(LoginNotes.Selected, way.Id);
                return await StepAsync(context, way, select: false) switch
                {
                    (null, _) => await RunAsync(context, top),
                    ({ } shown, _) => shown,
                };
            }

            return await RunAsync(context, top);
        }

        context.Execution = execution;
        var (stop, error) = Take(context, execution, await steps.Find(execution.Step)!.AnswerAsync(context, form));
        return stop ?? (error is { } why ? new FlowResult.Failed(why, null) : await RunAsync(context, top));
    }

    /// <summary>The ways that a person could take instead of this execution, itself among them; those with the person's own credentials first.</summary>
    public async ValueTask<IReadOnlyList<Execution>> WaysAsync(LoginContext context, Execution execution)
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

        return [.. ways, .. others];
    }

    private async ValueTask<(FlowResult? Stop, bool Passed, FlowError? Error)> FlowAsync(LoginContext context, Flow flow)
    {
        var (required, alternatives) = Sort(flow);
        var counted = 0;
        foreach (var execution in required)
        {
            // Asked only now: what a condition looks at may have been done by the execution before.
            if (execution.IsConditional && !IsDone(context, execution) && !await HoldsAsync(context, execution))
            {
                continue;
            }

            counted++;
            var (stop, error) = await ExecutionAsync(context, execution);
            if (stop is not null || error is not null || !HasPassed(context, execution))
            {
                return (stop, false, error);
            }
        }

        if (counted > 0)
        {
            Passed(context, flow);
            return (null, true, null);
        }

        FlowError? last = null;
        foreach (var execution in alternatives.Exists(a => HasPassed(context, a)) ? [] : alternatives)
        {
            var (stop, error) = await ExecutionAsync(context, execution);
            if (stop is not null)
            {
                return (stop, false, null);
            }

            if (error is not null)
            {
                context.Tab.Statuses[execution.Id] = ExecutionStatus.Attempted;
                last = error;
            }

            if (HasPassed(context, execution))
            {
                break;
            }
        }

        var passed = alternatives.Exists(a => HasPassed(context, a));
        if (passed)
        {
            Passed(context, flow);
        }

        return (null, passed, last);
    }

    private async ValueTask<(FlowResult? Stop, FlowError? Error)> ExecutionAsync(LoginContext context, Execution execution)
    {
        if (IsDone(context, execution))
        {
            return (null, null);
        }

        if (execution.Flow is not { } flow)
        {
            return await StepAsync(context, execution, select: true);
        }

        var (stop, passed, error) = await FlowAsync(context, flow);
        if (stop is null)
        {
            context.Tab.Statuses[execution.Id] = passed ? ExecutionStatus.Success : ExecutionStatus.Failed;
        }

        return (stop, error);
    }

    private async ValueTask<(FlowResult? Stop, FlowError? Error)> StepAsync(LoginContext context, Execution execution, bool select)
    {
        if (select && (await WaysAsync(context, execution)) is [{ } first, ..] ways)
        {
            var chosen = context.Tab.Note(LoginNotes.Selected);
            execution = ways.FirstOrDefault(w => w.Id == chosen) ?? first;
            if (IsDone(context, execution))
            {
                return (null, null);
            }
        }

        if (steps.Find(execution.Step) is not { } step)
        {
            // A step that we do not have must never count as passed.
            return (null, FlowError.NoFlow);
        }

        context.Execution = execution;
        if (step.NeedsUser)
        {
            if (context.User is not { } user)
            {
                return (null, FlowError.UnknownUser);
            }

            if (!await step.IsConfiguredAsync(context, user))
            {
                if (execution.IsRequired && step.SetupAction is { } action && IsActionEnabled(context, action))
                {
                    context.Tab.Statuses[execution.Id] = ExecutionStatus.SetupRequired;
                    if (!context.Tab.RequiredActions.Contains(action))
                    {
                        context.Tab.RequiredActions.Add(action);
                    }

                    return (null, null);
                }

                return (null, FlowError.CredentialSetupRequired);
            }
        }

        return Take(context, execution, await step.BeginAsync(context));
    }

    private static bool IsActionEnabled(LoginContext context, string action) =>
        context.Realm.Data.RequiredActions.Any(a => a.Alias == action && (a.Enabled ?? false));

    private static (FlowResult? Stop, FlowError? Error) Take(LoginContext context, Execution execution, StepResult result)
    {
        var statuses = context.Tab.Statuses;
        switch (result)
        {
            case StepResult.PassedResult:
                statuses[execution.Id] = ExecutionStatus.Success;
                context.Tab.SetNote(LoginNotes.Selected, null);
                Amr.Note(context, execution);
                return (null, null);
            case StepResult.AttemptedResult when execution.IsRequired:
                return (null, FlowError.InvalidCredentials);
            case StepResult.AttemptedResult:
                statuses[execution.Id] = ExecutionStatus.Attempted;
                return (null, null);
            case StepResult.AskResult asks:
                statuses[execution.Id] = ExecutionStatus.Challenged;
                return (new FlowResult.Asks(execution, asks.Page, asks.Wrong), null);
            case StepResult.GoElsewhere elsewhere:
                statuses[execution.Id] = ExecutionStatus.Challenged;
                return (new FlowResult.Elsewhere(execution, elsewhere.Url), null);
            case StepResult.ForkResult fork:
                return (new FlowResult.Forked(fork.Message), null);
            case StepResult.RestartResult:
                return (FlowResult.Restart, null);
            case StepResult.FailResult { Page: { } page } failed:
                statuses[execution.Id] = ExecutionStatus.Failed;
                return (new FlowResult.Failed(failed.Error, page), null);
            case StepResult.FailResult failed:
                statuses[execution.Id] = ExecutionStatus.Failed;
                return (null, failed.Error);
            default:
                throw new InvalidOperationException($"A step answered {result}.");
        }
    }

    /// <summary>What of a flow must be done, and what may. Conditions are no executions of their own.</summary>
    private (List<Execution> Required, List<Execution> Alternatives) Sort(Flow flow)
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

        return (required, alternatives);
    }

    /// <summary>
    /// Whether a conditional sub-flow counts. An answer "yes" is kept, so that a condition which its own sub-flow changes cannot let the person out
    /// half way; an answer "no" is kept once the person is known.
    /// </summary>
    /// <param name="keep">False while only looking at what the person could do: nothing is decided by that.</param>
    private async ValueTask<bool> HoldsAsync(LoginContext context, Execution holder, bool keep = true)
    {
        var conditions = holder.Flow!.Executions.Where(e => !e.IsDisabled && steps.FindCondition(e.Step) is not null).ToList();
        if (conditions.Count == 0)
        {
            return false;
        }

        foreach (var execution in conditions)
        {
            if (context.Tab.Statuses.TryGetValue(execution.Id, out var known))
            {
                if (known == ExecutionStatus.HoldsFalse)
                {
                    return false;
                }

                continue;
            }

            context.Execution = execution;
            var holds = await steps.FindCondition(execution.Step)!.HoldsAsync(context);
            if (keep && (holds || context.User is not null))
            {
                context.Tab.Statuses[execution.Id] = holds ? ExecutionStatus.HoldsTrue : ExecutionStatus.HoldsFalse;
            }

            if (!holds)
            {
                return false;
            }
        }

        return true;
    }

    private void Passed(LoginContext context, Flow flow)
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
        var (required, alternatives) = Sort(flow);
        if (required.Count > 0)
        {
            // Of what must be done one after the other, only the first can be chosen.
            var (at, level) = (context.Execution, context.Tab.Note(LoginNotes.LevelNow));
            var first = required[0].IsConditional ? null : required[0];
            for (var i = 0; first is null && i < required.Count; i++)
            {
                first = !required[i].IsConditional || await HoldsAsync(context, required[i], keep: false) ? required[i] : null;
            }

            context.Execution = at;
            context.Tab.SetNote(LoginNotes.LevelNow, level);
            alternatives = first is null ? [] : [first];
        }

        foreach (var execution in alternatives)
        {
            if (IsDone(context, execution))
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
        if (IsDone(context, execution) || steps.Find(execution.Step) is not { } step)
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

    private static bool IsDone(LoginContext context, Execution execution) => execution.IsDisabled || (context.Tab.Statuses.TryGetValue(execution.Id, out var status)
        && status is ExecutionStatus.Success or ExecutionStatus.Attempted or ExecutionStatus.SetupRequired);

    private static bool HasPassed(LoginContext context, Execution execution) => context.Tab.Statuses.TryGetValue(execution.Id, out var status)
        && status is ExecutionStatus.Success or ExecutionStatus.SetupRequired;

    private static bool IsDisabled(Execution execution)
    {
        for (var at = execution; at is not null; at = at.Parent.Holder)
        {
            if (at.IsDisabled)
            {
                return true;
            }
        }

        return false;
    }

    private static Flow Top(Execution execution)
    {
        var flow = execution.Parent;
        while (flow.Holder is { } holder)
        {
            flow = holder.Parent;
        }

        return flow;
    }
}
