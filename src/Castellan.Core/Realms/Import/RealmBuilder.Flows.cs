using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private static readonly string[] s_requirements = ["REQUIRED", "ALTERNATIVE", "DISABLED", "CONDITIONAL"];

    private readonly List<AuthenticationFlowRepresentation> _flows = [];
    private readonly List<AuthenticatorConfigRepresentation> _configs = [];

    private AuthenticationFlowRepresentation? FindFlow(string alias) => _flows.Find(f => f.Alias == alias);

    private void BuildFlows()
    {
        foreach (var config in file.AuthenticatorConfig ?? [])
        {
            if (config.Alias is null)
            {
                RefuseFault("authenticatorConfig", "Provided realm contains authenticator config with null alias. It should be resolved by adding alias to the authenticator config before exporting the realm.");
            }

            CheckLength($"authenticatorConfig[{config.Alias}].alias", config.Alias, 255);
            config.Id = string.IsNullOrEmpty(config.Id) ? Ids.New() : config.Id;
            config.Config = Filled(config.Config);
            _configs.Add(config);
        }

        foreach (var flow in file.AuthenticationFlows ?? [])
        {
            TakeFlow(flow);
        }

        foreach (var flow in _flows.ToList())
        {
            foreach (var step in flow.AuthenticationExecutions ?? [])
            {
                CompleteStep(flow, step);
            }
        }

        if (Refusal is not null)
        {
            return;
        }

        CompleteBuiltIn();
        AddRedirector();
        MigrateFlows();
        foreach (var config in _configs)
        {
            AddPart(PartKind.AuthenticatorConfig, config.Id!, null, config, $"authenticatorConfig[{config.Alias}]");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var flow in _flows)
        {
            // Two flows of one alias are taken, as Keycloak does; the first one answers to the name.
            AddPart(PartKind.Flow, flow.Id!, seen.Add(flow.Alias ?? "") ? flow.Alias : null, flow, $"authenticationFlows[{flow.Alias}]");
        }

        BuildRequiredActions();
        CheckBindings();
    }

    private void TakeFlow(AuthenticationFlowRepresentation flow)
    {
        var place = $"authenticationFlows[{flow.Alias}]";
        CheckLength(place + ".alias", flow.Alias, 255);
        CheckLength(place + ".description", flow.Description, 255);
        if (flow.ProviderId is null)
        {
            Refuse(place + ": providerId is missing", Refusals.Duplicate, 409);
        }

        if (flow.AuthenticationExecutions is null)
        {
            RefuseFault(place, $"The flow '{flow.Alias}' has no authenticationExecutions");
        }

        flow.Id = string.IsNullOrEmpty(flow.Id) ? Ids.New() : flow.Id;
        flow.TopLevel ??= false;
        flow.BuiltIn ??= false;
        _flows.Add(flow);
    }

    private void CompleteStep(AuthenticationFlowRepresentation flow, AuthenticationExecutionExportRepresentation step)
    {
        var place = $"authenticationFlows[{flow.Alias}].authenticationExecutions[{step.Authenticator ?? step.FlowAlias}]";
        step.Id ??= Ids.New();
        CheckLength(place + ".authenticator", step.Authenticator, 36);
        if (step.Requirement is null)
        {
            RefuseFault(place, "An execution has no requirement");
        }
        else if (step.Requirement != "OPTIONAL" && !s_requirements.Contains(step.Requirement))
        {
            Refuse($"{place}.requirement: '{step.Requirement}' is none of {string.Join(", ", s_requirements)}", Refusals.Database);
        }

        var isFlow = step.AuthenticatorFlow ?? step.AutheticatorFlow ?? false;
        if (isFlow && (step.FlowAlias is null || FindFlow(step.FlowAlias) is null))
        {
            RefuseFault(place, $"There is no flow '{step.FlowAlias}' in the file");
        }

        if (step.AuthenticatorConfig is { } config && _configs.All(c => c.Alias != config))
        {
            RefuseFault(place, $"There is no authenticatorConfig '{config}' in the file");
        }

        (step.AuthenticatorFlow, step.AutheticatorFlow) = (isFlow, isFlow);
        step.FlowAlias = isFlow ? step.FlowAlias : null;
        step.UserSetupAllowed = false;
        step.Priority ??= 0;
        if (step.Requirement == "OPTIONAL")
        {
            MakeConditional(flow, step);
        }
    }

    // What was optional in releases before 8 became a sub-flow that asks whether the user has set the step up.
    private void MakeConditional(AuthenticationFlowRepresentation flow, AuthenticationExecutionExportRepresentation step)
    {
        var sub = new AuthenticationFlowRepresentation
        {
            Id = Ids.New(), Alias = $"{flow.Alias} - {step.Authenticator} - Conditional",
            Description = "Flow to determine if the " + step.Authenticator + " authenticator should be used or not.",
            ProviderId = "basic-flow", TopLevel = false, BuiltIn = flow.BuiltIn,
            AuthenticationExecutions =
            [
                Step("conditional-user-configured", "REQUIRED", 10),
                new()
                {
                    Id = Ids.New(), Authenticator = step.Authenticator, AuthenticatorConfig = step.AuthenticatorConfig, AuthenticatorFlow = false, AutheticatorFlow = false,
                    Requirement = "REQUIRED", Priority = 20, UserSetupAllowed = false,
                },
            ],
        };
        _flows.Add(sub);
        (step.Authenticator, step.AuthenticatorConfig, step.FlowAlias, step.Requirement) = (null, null, sub.Alias, "CONDITIONAL");
        (step.AuthenticatorFlow, step.AutheticatorFlow) = (true, true);
    }

    private static AuthenticationExecutionExportRepresentation Step(string authenticator, string requirement, int priority, string? config = null) => new()
    {
        Id = Ids.New(), Authenticator = authenticator, AuthenticatorConfig = config, AuthenticatorFlow = false, AutheticatorFlow = false,
        Requirement = requirement, Priority = priority, UserSetupAllowed = false,
    };

    private static AuthenticationExecutionExportRepresentation SubFlow(string alias, string requirement, int priority) => new()
    {
        Id = Ids.New(), FlowAlias = alias, AuthenticatorFlow = true, AutheticatorFlow = true, Requirement = requirement, Priority = priority, UserSetupAllowed = false,
    };

    // A built-in flow that the file lacks comes with everything below it.
    private void CompleteBuiltIn()
    {
        var known = _flows.Select(f => f.Alias).ToHashSet(StringComparer.Ordinal);
        foreach (var flow in DefaultFlows.Make().Where(f => f.TopLevel is true && !known.Contains(f.Alias)))
        {
            TakeBuiltIn(flow);
            if (flow.Alias == DefaultFlows.Browser && file.RequiredCredentials?.Contains("kerberos") is true)
            {
                flow.AuthenticationExecutions!.Find(e => e.Authenticator == "auth-spnego")!.Requirement = "ALTERNATIVE";
            }
            else if (flow.Alias == DefaultFlows.DirectGrant && file.RequiredCredentials?.Contains("password") is false)
            {
                // A realm that goes by no passwords has no password grant. Without its password alone a name would do: a flow with nothing to do lets nobody in.
                flow.AuthenticationExecutions!.ForEach(e => e.Requirement = "DISABLED");
            }
        }
    }

    private void TakeBuiltIn(AuthenticationFlowRepresentation flow)
    {
        _flows.Add(flow);
        foreach (var step in flow.AuthenticationExecutions!)
        {
            if (step.AuthenticatorConfig is { } alias)
            {
                _configs.Add(DefaultFlows.MakeConfigs().Single(c => c.Alias == alias));
            }

            if (step.FlowAlias is { } below && FindFlow(below) is null)
            {
                TakeBuiltIn(DefaultFlows.Make().Single(f => f.Alias == below));
            }
        }
    }

    // A sign-in page that knows no way to the identity providers gets one, at once to the provider that said so before there was such a step.
    private void AddRedirector()
    {
        const string redirector = "identity-provider-redirector";
        if (FindFlow(DefaultFlows.Browser) is not { AuthenticationExecutions: { } steps } || steps.Exists(s => s.Authenticator == redirector))
        {
            return;
        }

        var usual = file.IdentityProviders?.Find(p => p is { AuthenticateByDefault: true, Enabled: not false })?.Alias;
        if (usual is not null)
        {
            _configs.Add(new() { Id = Ids.New(), Alias = usual, Config = new() { ["defaultProvider"] = usual } });
        }

        steps.Add(Step(redirector, "ALTERNATIVE", 25, usual));
    }

    private static Dictionary<string, string?> Filled(Dictionary<string, string?>? config) =>
        config?.Where(c => !string.IsNullOrEmpty(c.Value)).ToDictionary(c => c.Key, c => c.Value, StringComparer.Ordinal) ?? [];

    private void BuildRequiredActions()
    {
        var actions = file.RequiredActions ?? DefaultRequiredActions.Make();
        if (actions.All(a => a.Alias != DefaultRequiredActions.DeleteAccount))
        {
            actions.Add(DefaultRequiredActions.Make().Single(a => a.Alias == DefaultRequiredActions.DeleteAccount));
        }

        var aliases = new HashSet<string?>(StringComparer.Ordinal);
        foreach (var action in actions)
        {
            (action.Alias, action.ProviderId) = (DefaultRequiredActions.Canonical(action.Alias), DefaultRequiredActions.Canonical(action.ProviderId));
            if (action is { ProviderId: "CONFIGURE_TOTP", Name: "Configure Totp" })
            {
                // Its name since 2.1.
                action.Name = "Configure OTP";
            }

            if (!aliases.Add(action.Alias))
            {
                Refuse($"requiredActions[{action.Alias}]", "A Required Action Provider with given alias already exists.", 409);
            }
        }

        MigrateRequiredActions(actions);
        foreach (var action in actions)
        {
            action.ProviderId ??= action.Alias;
            action.Enabled ??= false;
            action.DefaultAction ??= false;
            action.Priority ??= 0;
            action.Config = Filled(action.Config);
            Changes.Add(new PutPart(PartKind.RequiredAction, PartIds.RequiredAction(RealmId, action.Alias!), action.Alias, action));
        }
    }

    private void CheckBindings()
    {
        foreach (var (field, alias) in new[]
        {
            ("browserFlow", file.BrowserFlow), ("registrationFlow", file.RegistrationFlow), ("directGrantFlow", file.DirectGrantFlow),
            ("resetCredentialsFlow", file.ResetCredentialsFlow), ("clientAuthenticationFlow", file.ClientAuthenticationFlow),
            ("dockerAuthenticationFlow", file.DockerAuthenticationFlow), ("firstBrokerLoginFlow", file.FirstBrokerLoginFlow),
        })
        {
            if (!string.IsNullOrEmpty(alias) && FindFlow(alias) is null)
            {
                RefuseFault(field, $"There is no flow '{alias}'");
            }
        }
    }

    /// <summary>The levels of authentication that the browser flow has conditions for.</summary>
    private HashSet<int> BrowserLevels()
    {
        var levels = new HashSet<int>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        Take(string.IsNullOrEmpty(file.BrowserFlow) ? "browser" : file.BrowserFlow);
        return levels;

        void Take(string alias)
        {
            if (!seen.Add(alias) || FindFlow(alias) is not { } flow)
            {
                return;
            }

            foreach (var step in (flow.AuthenticationExecutions ?? []).Where(s => s.Requirement != "DISABLED"))
            {
                if (step.FlowAlias is { } inner)
                {
                    Take(inner);
                }
                else if (step.Authenticator == Login.Levels.Condition)
                {
                    var config = _configs.Find(c => c.Alias == step.AuthenticatorConfig)?.Config;
                    levels.Add(int.TryParse(config?.GetValueOrDefault(Login.Levels.Setting), out var level) ? level : Login.Levels.Minimum);
                }
            }
        }
    }
}
