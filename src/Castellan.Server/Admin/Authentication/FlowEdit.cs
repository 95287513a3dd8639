using Castellan.Core;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Authentication;

/// <summary>The flows of a realm in copies that may be changed; what was touched is written at the end, all or nothing.</summary>
internal sealed class FlowEdit
{
    private readonly Realm _realm;
    private readonly List<AuthenticationFlowRepresentation> _flows;
    private readonly HashSet<AuthenticationFlowRepresentation> _touched = [];
    private readonly HashSet<AuthenticationFlowRepresentation> _added = [];
    private readonly List<Change> _changes = [];

    public FlowEdit(Realm realm)
    {
        _realm = realm;
        _flows = realm.Data.Flows.ToList().Copy(AdminJson.Default.ListAuthenticationFlowRepresentation);
        Configs = realm.Data.AuthenticatorConfigs.ToList();
    }

    public List<AuthenticatorConfigRepresentation> Configs { get; }

    public IReadOnlyList<AuthenticationFlowRepresentation> Flows => _flows;

    public AuthenticationFlowRepresentation? Find(string? alias) => _flows.Find(f => f.Alias == alias);

    public AuthenticationFlowRepresentation? FindById(string id) => _flows.Find(f => f.Id == id);

    /// <summary>The steps of a flow in the order in which they are tried.</summary>
    public static IEnumerable<AuthenticationExecutionExportRepresentation> Steps(AuthenticationFlowRepresentation flow) =>
        (flow.AuthenticationExecutions ?? []).OrderBy(e => e.Priority ?? 0);

    /// <summary>A step by its id, and the flow that it is in.</summary>
    public (AuthenticationFlowRepresentation Flow, AuthenticationExecutionExportRepresentation Step)? FindStep(string id)
    {
        foreach (var flow in _flows)
        {
            if (flow.AuthenticationExecutions?.Find(e => e.Id == id) is { } step)
            {
                return (flow, step);
            }
        }

        return null;
    }

    public void Touch(AuthenticationFlowRepresentation flow) => _touched.Add(flow);

    public AuthenticationFlowRepresentation Add(AuthenticationFlowRepresentation flow)
    {
        flow.Id ??= Ids.New();
        flow.AuthenticationExecutions ??= [];
        _flows.Add(flow);
        _touched.Add(flow);
        _added.Add(flow);
        return flow;
    }

    /// <summary>Adds a step at the end of a flow.</summary>
    public AuthenticationExecutionExportRepresentation AddStep(AuthenticationFlowRepresentation flow, string? authenticator, string? flowAlias, int? priority = null, string requirement = "DISABLED")
    {
        var steps = flow.AuthenticationExecutions ??= [];
        var step = new AuthenticationExecutionExportRepresentation
        {
            Id = Ids.New(), Authenticator = authenticator, FlowAlias = flowAlias, Requirement = requirement, UserSetupAllowed = false,
            AuthenticatorFlow = flowAlias is not null, AutheticatorFlow = flowAlias is not null,
            Priority = priority ?? (steps.Count == 0 ? 0 : steps.Max(s => s.Priority ?? 0) + 1),
        };
        steps.Add(step);
        _touched.Add(flow);
        return step;
    }

    /// <summary>Removes a step, and the flow that it stands for.</summary>
    public void RemoveStep(AuthenticationFlowRepresentation flow, AuthenticationExecutionExportRepresentation step)
    {
        flow.AuthenticationExecutions!.Remove(step);
        _touched.Add(flow);
        if (step.FlowAlias is { } below && Find(below) is { } sub)
        {
            Remove(sub);
        }

        if (step.AuthenticatorConfig is { } alias && Configs.Find(c => c.Alias == alias) is { } config && _flows.All(f => f.AuthenticationExecutions?.All(e => e.AuthenticatorConfig != alias) ?? true))
        {
            RemoveConfig(config);
        }
    }

    /// <summary>Removes a flow with everything below it.</summary>
    public void Remove(AuthenticationFlowRepresentation flow)
    {
        foreach (var step in (flow.AuthenticationExecutions ?? []).ToList())
        {
            RemoveStep(flow, step);
        }

        _flows.Remove(flow);
        _touched.Remove(flow);
        _changes.Add(new DeletePart(PartKind.Flow, flow.Id!));
    }

    public void PutConfig(AuthenticatorConfigRepresentation config)
    {
        Configs.RemoveAll(c => c.Id == config.Id);
        Configs.Add(config);
        _changes.Add(new PutPart(PartKind.AuthenticatorConfig, config.Id!, null, config));
    }

    public void RemoveConfig(AuthenticatorConfigRepresentation config)
    {
        Configs.Remove(config);
        _changes.Add(new DeletePart(PartKind.AuthenticatorConfig, config.Id!));
        foreach (var flow in _flows)
        {
            foreach (var step in (flow.AuthenticationExecutions ?? []).Where(e => e.AuthenticatorConfig == config.Alias))
            {
                step.AuthenticatorConfig = null;
                _touched.Add(flow);
            }
        }
    }

    /// <summary>Gives a flow another name, wherever it is named.</summary>
    public void Rename(AuthenticationFlowRepresentation flow, string alias)
    {
        var from = flow.Alias;
        flow.Alias = alias;
        _touched.Add(flow);
        foreach (var above in _flows)
        {
            foreach (var step in (above.AuthenticationExecutions ?? []).Where(e => e.FlowAlias == from))
            {
                step.FlowAlias = alias;
                _touched.Add(above);
            }
        }

        _changes.AddRange(FlowBindings.Rename(_realm, from!, alias));
    }

    public IEnumerable<Change> Changes => _touched.Select(f => new PutPart(PartKind.Flow, f.Id!, f.Alias, f) { IsNew = _added.Contains(f) }).Concat(_changes);
}

/// <summary>Where flows are named beside other flows.</summary>
internal static class FlowBindings
{
    public static bool IsUsed(Realm realm, AuthenticationFlowRepresentation flow) =>
        Of(realm.Settings).Contains(flow.Alias)
        || realm.Data.IdentityProviders.Any(p => p.FirstBrokerLoginFlowAlias == flow.Alias || p.PostBrokerLoginFlowAlias == flow.Alias);

    public static IEnumerable<Change> Rename(Realm realm, string from, string to)
    {
        if (Of(realm.Settings).Contains(from))
        {
            var settings = realm.Settings.Copy(AdminJson.Default.RealmRepresentation);
            settings.BrowserFlow = New(settings.BrowserFlow);
            settings.RegistrationFlow = New(settings.RegistrationFlow);
            settings.DirectGrantFlow = New(settings.DirectGrantFlow);
            settings.ResetCredentialsFlow = New(settings.ResetCredentialsFlow);
            settings.ClientAuthenticationFlow = New(settings.ClientAuthenticationFlow);
            settings.DockerAuthenticationFlow = New(settings.DockerAuthenticationFlow);
            settings.FirstBrokerLoginFlow = New(settings.FirstBrokerLoginFlow);
            yield return new PutRealm(settings);
        }

        foreach (var provider in realm.Data.IdentityProviders.Where(p => p.FirstBrokerLoginFlowAlias == from || p.PostBrokerLoginFlowAlias == from))
        {
            var changed = provider.Copy(AdminJson.Default.IdentityProviderRepresentation);
            changed.FirstBrokerLoginFlowAlias = New(changed.FirstBrokerLoginFlowAlias);
            changed.PostBrokerLoginFlowAlias = New(changed.PostBrokerLoginFlowAlias);
            yield return new PutPart(PartKind.IdentityProvider, changed.InternalId!, changed.Alias, changed);
        }

        string? New(string? alias) => alias == from ? to : alias;
    }

    private static IEnumerable<string?> Of(RealmRepresentation settings) =>
    [
        settings.BrowserFlow, settings.RegistrationFlow, settings.DirectGrantFlow, settings.ResetCredentialsFlow, settings.ClientAuthenticationFlow,
        settings.DockerAuthenticationFlow, settings.FirstBrokerLoginFlow,
    ];
}
