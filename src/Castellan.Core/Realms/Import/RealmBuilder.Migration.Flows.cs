using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private const string Organization = "Organization";

    private void MigrateFlows()
    {
        if (IsOlderThan(8, 0, 2))
        {
            foreach (var flow in _flows.ToList())
            {
                SeparateAlternatives(flow);
            }
        }

        if (IsOlderThan(22) && FindFlow("http challenge") is { } challenge)
        {
            Remove(challenge);
        }

        if (IsOlderThan(23))
        {
            foreach (var form in _flows.Where(f => f.ProviderId == "form-flow"))
            {
                form.AuthenticationExecutions?.RemoveAll(e => e.Authenticator == "registration-profile-action");
            }
        }

        if (IsOlderThan(26, 6) && FindFlow(DefaultFlows.Browser) is { } browser && FindFlow(Organization) is null)
        {
            TakeBuiltIn(DefaultFlows.Make().Single(f => f.Alias == Organization));
            (browser.AuthenticationExecutions ??= []).Add(SubFlow(Organization, "ALTERNATIVE", 26));
        }
    }

    // Alternatives beside something required never ran; until 8.0.2 they did. They move into a required sub-flow of their own.
    private void SeparateAlternatives(AuthenticationFlowRepresentation flow)
    {
        var steps = (flow.AuthenticationExecutions ?? []).OrderBy(e => e.Priority).ToList();
        if (!steps.Exists(IsNeeded))
        {
            return;
        }

        var moving = new List<AuthenticationExecutionExportRepresentation>();
        var made = 0;
        foreach (var step in steps)
        {
            if (step.Requirement == "ALTERNATIVE")
            {
                moving.Add(step);
            }
            else if (IsNeeded(step))
            {
                Move();
            }
        }

        Move();

        static bool IsNeeded(AuthenticationExecutionExportRepresentation step) => step.Requirement is "REQUIRED" or "CONDITIONAL";

        void Move()
        {
            if (moving.Count == 0)
            {
                return;
            }

            var sub = new AuthenticationFlowRepresentation
            {
                Id = Ids.New(), Alias = $"{flow.Alias} - Alternatives - {made++}", Description = $"Subflow of {flow.Alias} with alternative executions",
                ProviderId = "basic-flow", TopLevel = false, BuiltIn = flow.BuiltIn, AuthenticationExecutions = [.. moving],
            };
            _flows.Add(sub);
            var place = SubFlow(sub.Alias, "REQUIRED", moving[0].Priority ?? 0);
            for (var n = 0; n < moving.Count; n++)
            {
                flow.AuthenticationExecutions!.Remove(moving[n]);
                moving[n].Priority = (n + 1) * 10;
            }

            flow.AuthenticationExecutions!.Add(place);
            moving.Clear();
        }
    }

    // A flow goes with the sub-flows that are in no other flow.
    private void Remove(AuthenticationFlowRepresentation flow)
    {
        _flows.Remove(flow);
        foreach (var below in (flow.AuthenticationExecutions ?? []).Select(e => e.FlowAlias).OfType<string>())
        {
            if (FindFlow(below) is { TopLevel: not true } sub && !_flows.Exists(f => f.AuthenticationExecutions?.Exists(e => e.FlowAlias == below) is true))
            {
                Remove(sub);
            }
        }
    }

    private void MigrateRequiredActions(List<RequiredActionProviderRepresentation> actions)
    {
        if (IsOlderThan(4, 2))
        {
            // Before they had an order they stood by their names.
            foreach (var (action, at) in actions.OrderBy(a => a.Name, StringComparer.Ordinal).Select((a, n) => (a, n)))
            {
                action.Priority = (at + 1) * 10;
            }
        }

        foreach (var (alias, lacks) in ((string, bool)[])
            [("update_user_locale", IsOlderThan(9)), ("delete_credential", IsOlderThan(24, 0, 3)), ("idp_link", IsOlderThan(26, 3))])
        {
            if (lacks && actions.All(a => a.Alias != alias))
            {
                actions.Add(DefaultRequiredActions.Make().Single(a => a.Alias == alias));
            }
        }

        if (IsOlderThan(26, 7) && actions.Find(a => a.Alias == "VERIFY_EMAIL") is { } verify)
        {
            MoveBehind(verify, actions);
        }
    }

    // Who registers proves the address first, then sets up the rest. The usual order becomes today's; another keeps its own, with the first free places.
    private static void MoveBehind(RequiredActionProviderRepresentation verify, List<RequiredActionProviderRepresentation> actions)
    {
        var (code, password) = (actions.Find(a => a.Alias == "CONFIGURE_TOTP"), actions.Find(a => a.Alias == "UPDATE_PASSWORD"));
        if (verify.Priority == 50 && code is { Priority: 10 } && password is { Priority: 30 })
        {
            (code.Priority, password.Priority) = (54, 57);
            return;
        }

        var taken = actions.Select(a => a.Priority ?? 0).ToHashSet();
        var free = verify.Priority ?? 0;
        foreach (var action in new[] { code, password }.OfType<RequiredActionProviderRepresentation>())
        {
            do
            {
                free++;
            }
            while (taken.Contains(free));
            action.Priority = free;
        }
    }
}
