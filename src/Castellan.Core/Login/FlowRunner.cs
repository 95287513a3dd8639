namespace Castellan.Core.Login;

/// <summary>
/// Runs a flow over a tab. What was proved stands in <see cref="AuthenticationTab.Statuses"/>, so a run can always begin at the top: it passes what
/// is done and stops at the first execution that wants something. No step can be reached but through this, and none can declare another passed.
/// </summary>
public sealed class FlowRunner
{
    private readonly LoginSteps _steps;
    private readonly FlowRules _rules;
    private readonly WaysToSignIn _ways;

    public FlowRunner(LoginSteps steps)
    {
        _steps = steps;
        _rules = new FlowRules(steps);
        _ways = new WaysToSignIn(steps, _rules);
    }

    /// <summary>Begins or goes on.</summary>
    public async ValueTask<FlowResult> RunAsync(LoginContext context, Flow top)
    {
        context.Flow = top;
        if (context.Tab.Note(LoginNotes.Choosing) is not null && Flows.Of(context.Realm).FindExecution(context.Tab.Execution) is { } chosen && chosen.Top == top && !context.IsDone(chosen))
        {
            return await ChoiceAsync(context, chosen);
        }

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

        // A provider's flows are a part of the way: what they come to is judged at its end.
        return Levels.IsForcedLevelMissed(context) && !LoginPaths.IsBroker(context.Tab.Path)
            ? new FlowResult.Failed(FlowError.LevelNotReached, new ErrorPage(400, "acrNotFulfilled"))
            : FlowResult.Passed;
    }

    /// <summary>Hands a form to the execution whose page was shown last; to no other.</summary>
    public async ValueTask<FlowResult> AnswerAsync(LoginContext context, Flow top, Execution execution, LoginForm form)
    {
        context.Flow = top;
        if (execution.Step is null || execution.Top != top || context.IsDone(execution) || execution.IsOutOfReach || context.Tab.Execution != execution.Id)
        {
            return await RunAsync(context, top);
        }

        if (form.Has("tryAnotherWay"))
        {
            context.Tab.SetNote(LoginNotes.Selected, null);
            context.Tab.SetNote(LoginNotes.Choosing, "true");
            return await ChoiceAsync(context, execution);
        }

        if (form["authenticationExecution"] is { Length: > 0 } chosen)
        {
            // Only what is on offer can be chosen: the id comes from the browser.
            if ((await WaysAsync(context, execution)).FirstOrDefault(w => w.Id == chosen) is { } way)
            {
                context.Tab.SetNote(LoginNotes.Selected, way.Id);
                context.Tab.SetNote(LoginNotes.Choosing, null);
                return await StepAsync(context, way, select: false) switch
                {
                    (null, _) => await RunAsync(context, top),
                    ({ } shown, _) => shown,
                };
            }

            return new FlowResult.Failed(FlowError.InvalidCredentials, null);
        }

        context.Tab.SetNote(LoginNotes.Choosing, null);
        context.Execution = execution;
        var (stop, error) = FlowProgress.Take(context, execution, await _steps.Find(execution.Step)!.AnswerAsync(context, form));
        return stop ?? (error is { } why ? new FlowResult.Failed(why, null) : await RunAsync(context, top));
    }

    /// <summary>The ways that a person could take instead of this execution, itself among them; those with the person's own credentials first.</summary>
    public ValueTask<IReadOnlyList<Execution>> WaysAsync(LoginContext context, Execution execution) => _ways.OfAsync(context, execution);

    private async ValueTask<FlowResult> ChoiceAsync(LoginContext context, Execution execution) => new FlowResult.Asks(
        execution, new SelectWayPage([.. (await WaysAsync(context, execution)).Select(w => (w.Id, _steps.Find(w.Step)!.NameKey, _steps.Find(w.Step)!.HelpKey))]), false);

    private async ValueTask<(FlowResult? Stop, bool Passed, FlowError? Error)> FlowAsync(LoginContext context, Flow flow)
    {
        var (required, alternatives) = _rules.Sort(flow);
        var counted = 0;
        foreach (var execution in required)
        {
            // Asked only now: what a condition looks at may have been done by the execution before.
            if (execution.IsConditional && !context.IsDone(execution) && !await _rules.HoldsAsync(context, execution))
            {
                continue;
            }

            counted++;
            var (stop, error) = await ExecutionAsync(context, execution);
            if (stop is not null || error is not null || !context.HasPassed(execution))
            {
                return (stop, false, error);
            }
        }

        if (counted > 0)
        {
            _rules.Passed(context, flow);
            return (null, true, null);
        }

        FlowError? last = null;
        var open = alternatives.Exists(a => context.HasPassed(a)) ? [] : alternatives;

        // Of sub-flows the one that the person has begun comes first: what was chosen there must not be asked for in another way again.
        foreach (var execution in open.OrderBy(a => a.Flow is { } begun && IsUnderWay(context, begun) ? 0 : 1))
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

            if (context.HasPassed(execution))
            {
                break;
            }
        }

        var passed = alternatives.Exists(a => context.HasPassed(a));
        if (passed)
        {
            _rules.Passed(context, flow);
        }

        // Why no alternative of a flow inside would do is lost with it: what the person can do is decided around it.
        return (null, passed, flow.Holder is null ? last : null);
    }

    private bool IsUnderWay(LoginContext context, Flow flow) => flow.Executions.Any(e => e.Flow is { } inner ? IsUnderWay(context, inner) : _steps.Find(e.Step) is not null && context.HasPassed(e));

    private async ValueTask<(FlowResult? Stop, FlowError? Error)> ExecutionAsync(LoginContext context, Execution execution)
    {
        if (context.IsDone(execution))
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
            if (context.IsDone(execution))
            {
                return (null, null);
            }
        }

        if (_steps.Find(execution.Step) is not { } step)
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
                return execution.IsRequired && step.SetupAction is { } action
                    ? FlowProgress.Take(context, execution, StepResult.SetUp(action))
                    : (null, FlowError.CredentialSetupRequired);
            }
        }

        return FlowProgress.Take(context, execution, await step.BeginAsync(context));
    }
}
