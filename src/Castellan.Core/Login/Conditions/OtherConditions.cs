namespace Castellan.Core.Login.Conditions;

/// <summary>The request asked for a client scope, or gets it anyway.</summary>
public sealed class ClientScopeCondition : ILoginCondition
{
    public string Id => "conditional-client-scope";

    public ValueTask<bool> HoldsAsync(LoginContext context)
    {
        var wanted = context.Execution!.Setting("client_scope");
        if (wanted is null || context.Realm.FindScope(wanted) is null)
        {
            // Of a scope that does not exist nothing holds, nor its contrary.
            return new(false);
        }

        var asked = context.Tab.ClientNote("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var has = context.Client.DefaultScopes.Any(s => s.Name == wanted) || (asked.Contains(wanted) && context.Client.OptionalScopes.Any(s => s.Name == wanted));
        return new(has != context.Execution.Flag("negate"));
    }
}

/// <summary>What was used in this sign-in: one of the credentials listed, or none of them. Who used nothing used <c>none</c>.</summary>
public sealed class CredentialCondition : ILoginCondition
{
    public string Id => "conditional-credential";

    public ValueTask<bool> HoldsAsync(LoginContext context)
    {
        var listed = context.Execution!.Setting("credentials")?.Split("##") ?? [];
        var used = context.Tab.Note(LoginNotes.CredentialsUsed)?.Split("##") ?? ["none"];
        return new(used.Intersect(listed).Any() == context.Execution.Flag("included"));
    }
}

/// <summary>Another sub-flow was gone through in this sign-in, or was not.</summary>
public sealed class SubFlowCondition : ILoginCondition
{
    public string Id => "conditional-sub-flow-executed";

    public ValueTask<bool> HoldsAsync(LoginContext context)
    {
        var wanted = context.Execution!.Setting("flow_to_check");
        var executed = wanted is not null && context.Flow is { } top && Holders(top)
            .Any(e => e.Flow!.Alias == wanted && context.Tab.Statuses.GetValueOrDefault(e.Id) == ExecutionStatus.Success);
        return new(executed == (context.Execution.Setting("check_result") != "not-executed"));
    }

    private static IEnumerable<Execution> Holders(Flow flow) =>
        flow.Executions.Where(e => e.Flow is not null).SelectMany(e => Holders(e.Flow!).Prepend(e));
}

/// <summary>A level of authentication: asked for, and neither reached in this sign-in nor still held by the session.</summary>
public sealed class LevelCondition : ILoginCondition
{
    public string Id => "conditional-level-of-authentication";

    public async ValueTask<bool> HoldsAsync(LoginContext context)
    {
        var level = Levels.Level(context.Execution!);
        var current = Levels.Current(context);
        if (current == Levels.None)
        {
            // Something must be proved before anything can be skipped.
            return true;
        }

        if (level <= current)
        {
            return false;
        }

        if (context.Tab.Note(LoginNotes.ForcedReauthentication) is null && Levels.StillHolds(context, level, Levels.MaxAge(context.Execution!)))
        {
            Levels.SetCurrent(context, level);
            return false;
        }

        return await Levels.DemandedAsync(context) >= level;
    }

    public void OnPassed(LoginContext context) => Levels.Reached(context, Levels.Level(context.Execution!));
}

/// <summary>The person has set up everything that the sub-flow asks for; of alternatives, one. Flows inside it are not looked into, and let nobody off.</summary>
public sealed class ConfiguredCondition(Lazy<LoginSteps> steps) : ILoginCondition
{
    public string Id => "conditional-user-configured";

    public async ValueTask<bool> HoldsAsync(LoginContext context) =>
        context.User is { } user ? await IsConfiguredAsync(context, user, context.Execution!.Parent) : await AsksAnybodyAsync(context, context.Execution!.Parent);

    /// <summary>Whether one of the steps has something to ask of whoever comes, known or not.</summary>
    private async ValueTask<bool> AsksAnybodyAsync(LoginContext context, Flow flow)
    {
        foreach (var execution in flow.Executions.Where(e => !e.IsDisabled))
        {
            if (steps.Value.Find(execution.Step) is { NeedsUser: false } step && await step.IsConfiguredAsync(context))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<bool> IsConfiguredAsync(LoginContext context, Users.User user, Flow flow)
    {
        var at = context.Execution;
        var (required, alternatives, one) = (0, 0, false);
        foreach (var execution in flow.Executions.Where(e => !e.IsDisabled && e.Flow is null && steps.Value.FindCondition(e.Step) is null))
        {
            context.Execution = execution;
            var configured = steps.Value.Find(execution.Step) is { } step && await step.IsConfiguredAsync(context, user);
            context.Execution = at;
            if (execution.IsAlternative)
            {
                alternatives++;
                one |= configured;
            }
            else if (configured)
            {
                required++;
            }
            else
            {
                return false;
            }
        }

        return required > 0 || alternatives == 0 || one;
    }
}
