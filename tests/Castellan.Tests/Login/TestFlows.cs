using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>Flows of an administrator, written short: <c>R auth-otp-form</c>, <c>C &gt; sub-flow</c>, <c>R conditional-… @ name=value</c>.</summary>
internal static class TestFlows
{
    /// <summary>Puts the flows into the realm; the first is a top-level one and becomes the browser's.</summary>
    public static async Task UseAsync(SignInServer server, string realmName, params (string Alias, string[] Steps)[] flows)
    {
        await PutAsync(server, realmName, flows);
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync(realmName))!;
        var settings = realm.Settings.ShallowCopy();
        settings.BrowserFlow = flows[0].Alias;
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)));
    }

    /// <summary>Puts the flows into the realm, for whatever they are to be used; the first is a top-level one.</summary>
    public static async Task PutAsync(SignInServer server, string realmName, params (string Alias, string[] Steps)[] flows)
    {
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync(realmName))!;
        var changes = new List<Change>();
        foreach (var (alias, steps) in flows)
        {
            var flow = new AuthenticationFlowRepresentation { Id = $"flow-{alias}", Alias = alias, ProviderId = "basic-flow", TopLevel = alias == flows[0].Alias, BuiltIn = false, AuthenticationExecutions = [] };
            foreach (var step in steps)
            {
                flow.AuthenticationExecutions.Add(Execution(alias, step, flow.AuthenticationExecutions.Count, changes));
            }

            changes.Add(new PutPart(PartKind.Flow, flow.Id, alias, flow));
        }

        await realms.ApplyAsync(new ChangeSet(realm.Id).Add([.. changes]));
    }

    private static AuthenticationExecutionExportRepresentation Execution(string flow, string step, int index, List<Change> changes)
    {
        var parts = step.Split(" @ ");
        var words = parts[0].Split(' ');
        var execution = new AuthenticationExecutionExportRepresentation
        {
            Id = $"{flow}-{index}", Priority = index, Requirement = words[0] switch { "R" => "REQUIRED", "A" => "ALTERNATIVE", "C" => "CONDITIONAL", _ => "DISABLED" },
            AuthenticatorFlow = words[1] == ">", FlowAlias = words[1] == ">" ? words[2] : null, Authenticator = words[1] == ">" ? null : words[1],
        };
        if (parts.Length > 1)
        {
            execution.AuthenticatorConfig = $"{flow}-{index}-config";
            changes.Add(new PutPart(PartKind.AuthenticatorConfig, execution.AuthenticatorConfig, null, new AuthenticatorConfigRepresentation
            {
                Id = execution.AuthenticatorConfig, Alias = execution.AuthenticatorConfig,
                Config = parts[1].Split(',').Select(p => p.Split('=')).ToDictionary(p => p[0], p => (string?)p[1]),
            }));
        }

        return execution;
    }
}
