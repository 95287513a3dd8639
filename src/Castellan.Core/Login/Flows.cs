using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Login;

/// <summary>What an execution means for the flow that holds it.</summary>
public enum Requirement
{
    Disabled, Required, Alternative, Conditional,
}

/// <summary>A flow of a realm, ready to run: its executions in order of priority.</summary>
public sealed class Flow(string id, string alias)
{
    public string Id => id;

    public string Alias => alias;

    public IReadOnlyList<Execution> Executions { get; internal set; } = [];

    /// <summary>The execution that holds this flow; null for a top-level flow.</summary>
    public Execution? Holder { get; internal set; }
}

/// <summary>One place in a flow: a step, a condition, or a flow inside.</summary>
public sealed class Execution
{
    public required string Id { get; init; }

    public required Flow Parent { get; init; }

    public required Requirement Requirement { get; init; }

    /// <summary>The provider's id; null when this holds a flow.</summary>
    public string? Step { get; init; }

    public Flow? Flow { get; internal set; }

    /// <summary>What the page of this step consists of: the executions of a form flow, which are no steps of their own.</summary>
    public Flow? Form { get; internal set; }

    public string? ConfigAlias { get; init; }

    /// <summary>What the administrator set for this execution.</summary>
    public IReadOnlyDictionary<string, string?> Config { get; init; } = new Dictionary<string, string?>();

    public bool IsRequired => Requirement == Requirement.Required;

    public bool IsAlternative => Requirement == Requirement.Alternative;

    public bool IsConditional => Requirement == Requirement.Conditional;

    public bool IsDisabled => Requirement == Requirement.Disabled;

    /// <summary>Whether this or a flow around it is disabled.</summary>
    public bool IsOutOfReach => IsDisabled || (Parent.Holder?.IsOutOfReach ?? false);

    /// <summary>The top-level flow that this is in.</summary>
    public Flow Top => Parent.Holder?.Top ?? Parent;

    /// <summary>A setting, or null when absent or empty.</summary>
    public string? Setting(string name) => Config.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public bool Flag(string name) => string.Equals(Setting(name), "true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// All flows of a realm. A flow that holds itself, directly or further down, is cut there: the inner one is empty and thus never succeeds.
/// </summary>
public sealed class Flows
{
    private readonly Realm _realm;
    private readonly Dictionary<string, AuthenticationFlowRepresentation> _byAlias;
    private readonly Dictionary<string, Flow> _top = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Execution> _executions = new(StringComparer.Ordinal);

    private Flows(Realm realm)
    {
        _realm = realm;
        _byAlias = realm.Data.Flows.Where(f => f.Alias is not null).GroupBy(f => f.Alias!, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        foreach (var flow in realm.Data.Flows.Where(f => f.TopLevel ?? false))
        {
            _top[flow.Alias!] = Compile(flow, null, []);
        }
    }

    public static Flows Of(Realm realm) => realm.Compiled(static r => new Flows(r));

    public Flow? Find(string? alias) => alias is null ? null : _top.GetValueOrDefault(alias);

    /// <summary>The execution with this id, in whichever flow.</summary>
    public Execution? FindExecution(string? id) => id is null ? null : _executions.GetValueOrDefault(id);

    /// <summary>Whether any flow goes by this step.</summary>
    public bool Uses(string step) => _executions.Values.Any(e => e.Step == step && !e.IsOutOfReach);

    /// <summary>The flow of browsers: the client's own, or the realm's.</summary>
    public Flow? Browser(Client client) => Override(client, "browser") ?? Find(_realm.Settings.BrowserFlow ?? "browser");

    /// <summary>The flow of the password grant: the client's own, or the realm's.</summary>
    public Flow? DirectGrant(Client client) => Override(client, "direct_grant") ?? Find(_realm.Settings.DirectGrantFlow ?? "direct grant");

    public Flow? Registration => Find(_realm.Settings.RegistrationFlow ?? "registration");

    public Flow? ResetCredentials => Find(_realm.Settings.ResetCredentialsFlow ?? "reset credentials");

    /// <summary>The flow of people whom a provider names for the first time: the provider's own, or the realm's.</summary>
    public Flow? FirstBrokerLogin(Brokering.IdentityProvider provider) => Find(provider.FirstLoginFlow ?? _realm.Settings.FirstBrokerLoginFlow ?? "first broker login");

    private Flow? Override(Client client, string binding) =>
        client.Representation.AuthenticationFlowBindingOverrides?.GetValueOrDefault(binding) is { Length: > 0 } id
            ? _top.Values.FirstOrDefault(f => f.Id == id) ?? Find(id)
            : null;

    private Flow Compile(AuthenticationFlowRepresentation source, Execution? holder, HashSet<string> above)
    {
        var flow = new Flow(source.Id ?? source.Alias!, source.Alias!) { Holder = holder };
        if (!above.Add(source.Alias!))
        {
            return flow;
        }

        var executions = new List<Execution>();
        foreach (var entry in (source.AuthenticationExecutions ?? []).OrderBy(e => e.Priority ?? 0))
        {
            var isFlow = entry.FlowAlias is { Length: > 0 } && ((entry.AuthenticatorFlow ?? false) || (entry.AutheticatorFlow ?? false) || entry.Authenticator is null);
            var isForm = isFlow && entry.Authenticator is { Length: > 0 } && _byAlias.TryGetValue(entry.FlowAlias!, out var form) && form.ProviderId == "form-flow";
            var execution = new Execution
            {
                Id = entry.Id ?? Name(flow.Id, executions.Count, entry),
                Parent = flow,
                Requirement = Enum.TryParse<Requirement>(entry.Requirement, ignoreCase: true, out var requirement) ? requirement : Requirement.Disabled,
                Step = isFlow && !isForm ? null : entry.Authenticator,
                ConfigAlias = entry.AuthenticatorConfig,
                Config = _realm.Data.AuthenticatorConfigs.FirstOrDefault(c => entry.AuthenticatorConfig is { } named && (c.Alias == named || c.Id == named))?.Config ?? [],
            };
            if (isFlow)
            {
                var held = _byAlias.TryGetValue(entry.FlowAlias!, out var inner)
                    ? Compile(inner, execution, above)
                    : new Flow(execution.Id, entry.FlowAlias!) { Holder = execution };
                execution.Flow = isForm ? null : held;
                execution.Form = isForm ? held : null;
            }

            executions.Add(execution);
            _executions[execution.Id] = execution;
        }

        flow.Executions = executions;
        above.Remove(source.Alias!);
        return flow;
    }

    /// <summary>A name for an execution whose file gives it none: the same for the same place, so that nodes and restarts agree.</summary>
    private static string Name(string flow, int index, AuthenticationExecutionExportRepresentation entry)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{flow}\n{index}\n{entry.Authenticator}\n{entry.FlowAlias}"));
        return new Guid(hash.AsSpan(0, 16)).ToString();
    }
}
