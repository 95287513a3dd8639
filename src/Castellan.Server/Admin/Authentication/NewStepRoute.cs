using Castellan.Server.Admin.ServerInfo;

namespace Castellan.Server.Admin.Authentication;

/// <summary>Adds a step by a document of it, which names the flow that it is to be in by its id.</summary>
internal static class NewStepRoute
{
    public static async ValueTask<AdminAnswer> AddAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.ExecutionDocument)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.ParentFlow is null)
        {
            return AdminAnswer.Error(400, "parent flow not set on new execution");
        }

        var edit = new FlowEdit(context.Realm);
        if (edit.FindById(given.ParentFlow) is not { } flow)
        {
            return AdminAnswer.Error(400, "execution parent flow does not exist");
        }

        if (flow.BuiltIn is true)
        {
            return AdminAnswer.Error(400, "It is illegal to add execution to a built in flow");
        }

        if (given.Requirement is not null and not ("REQUIRED" or "ALTERNATIVE" or "DISABLED" or "CONDITIONAL"))
        {
            return AdminAnswer.Error(400, "invalid_request", $"Unknown requirement {given.Requirement}");
        }

        // A flow is below one other at most; with two above it, or itself, it would be gone with the first of them or never end.
        var below = given.FlowId is { } id ? edit.FindById(id) : null;
        if (given.FlowId is not null && (below is not { TopLevel: not true } || edit.Flows.Any(f => f.AuthenticationExecutions?.Exists(e => e.FlowAlias == below.Alias) is true)))
        {
            return AdminAnswer.Error(400, "invalid_request", "The flow of the execution is not free to be one");
        }

        if (below is null && Providers.Find(Authenticator.TypeIn(flow.ProviderId), given.Authenticator) is null)
        {
            return AdminAnswer.Error(400, $"No authentication provider found for id: {given.Authenticator}");
        }

        var step = edit.AddStep(flow, given.Authenticator, below?.Alias, given.Priority, given.Requirement ?? Authenticator.FirstRequirement(given.Authenticator));
        step.AuthenticatorConfig = given.AuthenticatorConfig is { } config ? edit.Configs.Find(c => c.Id == config)?.Alias : null;
        await context.ApplyAsync(edit.Changes);
        await context.RecordAsync("CREATE", "AUTH_EXECUTION", $"authentication/executions/{step.Id}", given, AdminApiJson.Default.ExecutionDocument);
        return AdminAnswer.Created(context.AddressBelow(step.Id!));
    }
}
