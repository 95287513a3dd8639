namespace Castellan.Core.Login;

/// <summary>How far the executions of a flow have come, as the tab says it.</summary>
internal static class FlowProgress
{
    internal static bool IsDone(this LoginContext context, Execution execution) => execution.IsDisabled || (context.Tab.Statuses.TryGetValue(execution.Id, out var status)
        && status is ExecutionStatus.Success or ExecutionStatus.Attempted or ExecutionStatus.SetupRequired);

    internal static bool HasPassed(this LoginContext context, Execution execution) => context.Tab.Statuses.TryGetValue(execution.Id, out var status)
        && status is ExecutionStatus.Success or ExecutionStatus.SetupRequired;

    /// <summary>Notes what a step answered; a stop is what the person sees next.</summary>
    internal static (FlowResult? Stop, FlowError? Error) Take(LoginContext context, Execution execution, StepResult result)
    {
        var statuses = context.Tab.Statuses;
        switch (result)
        {
            case StepResult.PassedResult:
                statuses[execution.Id] = ExecutionStatus.Success;
                context.Tab.SetNote(LoginNotes.Selected, null);
                Amr.Note(context, execution);
                return (null, null);
            case StepResult.SetUpResult { Action: var action } when RequiredActions.IsEnabled(context.Realm, action):
                statuses[execution.Id] = ExecutionStatus.SetupRequired;
                context.Tab.SetUpBy(action);
                return (null, null);
            case StepResult.SetUpResult:
                return (null, FlowError.CredentialSetupRequired);
            case StepResult.AttemptedResult when execution.IsRequired:
                return (null, FlowError.InvalidCredentials);
            case StepResult.AttemptedResult:
                statuses[execution.Id] = ExecutionStatus.Attempted;
                return (null, null);
            case StepResult.AskResult asks:
                statuses[execution.Id] = ExecutionStatus.Challenged;
                return (new FlowResult.Asks(execution, asks.Page, asks.Wrong), null);
            case StepResult.ProviderResult at:
                statuses[execution.Id] = ExecutionStatus.Challenged;
                return (new FlowResult.AtProvider(execution, at.Provider, at.Hint), null);
            case StepResult.AgainResult:
                statuses.Remove(execution.Id);
                return (null, null);
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
}
