using System.Globalization;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>What realms of earlier releases lack: a file that says of which version it is gets what came after it.</summary>
internal sealed partial class RealmBuilder
{
    // A version that is no version counts as the oldest.
    private bool IsOlderThan(int major, int minor = 0)
    {
        if (file.KeycloakVersion is not { } version)
        {
            return false;
        }

        var parts = version.Split('.', '-');
        return Number(0) < major || (Number(0) == major && Number(1) < minor);

        int Number(int at) => at < parts.Length && int.TryParse(parts[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private bool IsMigrated => file.KeycloakVersion is not null;

    // Scopes that came later, with the release, and whether every client gets them.
    private void AddMigratedScopes()
    {
        AddLater("microprofile-jwt", IsOlderThan(6), optional: true);
        AddLater("acr", IsOlderThan(18), optional: false);
        AddLater("basic", IsOlderThan(25), optional: false);
        AddLater(DefaultClientScopes.ServiceAccount, IsOlderThan(25), optional: null);
        AddLater("AuthnContextClassRef", IsOlderThan(26, 4), optional: false);
    }

    private void AddLater(string name, bool lacks, bool? optional)
    {
        if (!lacks || _scopes.ContainsKey(name))
        {
            return;
        }

        var scope = DefaultClientScopes.Make().Single(s => s.Name == name);
        AddScope(scope);
        if (optional is not { } isOptional)
        {
            return;
        }

        (isOptional ? _optionalScopes : _defaultScopes).Add(name);
        foreach (var client in (file.Clients ?? []).Where(c => (c.Protocol ?? "openid-connect") == scope.Protocol))
        {
            (isOptional ? client.OptionalClientScopes : client.DefaultClientScopes)?.Add(name);
        }
    }

    private void MigrateFlows()
    {
        if (IsOlderThan(24))
        {
            foreach (var flow in _flows)
            {
                flow.AuthenticationExecutions?.RemoveAll(e => e.Authenticator == "registration-profile-action");
            }
        }

        if (IsOlderThan(26) && FindFlow("Organization") is null && FindFlow(file.BrowserFlow ?? DefaultFlows.Browser) is { } browser
            && FindFlow("Browser - Conditional Organization") is null)
        {
            _flows.AddRange(DefaultFlows.Make().Where(f => f.Alias is "Organization" or "Browser - Conditional Organization"));
            (browser.AuthenticationExecutions ??= []).Add(SubFlow("Organization", "ALTERNATIVE", 26));
        }
    }

    private void MigrateRequiredActions(List<RequiredActionProviderRepresentation> actions)
    {
        if (IsOlderThan(21) && actions.Find(a => a.Alias == "terms_and_conditions") is { } terms)
        {
            (terms.Alias, terms.ProviderId) = ("TERMS_AND_CONDITIONS", "TERMS_AND_CONDITIONS");
        }

        foreach (var (alias, lacks) in ((string, bool)[])
            [("update_user_locale", IsOlderThan(9)), ("delete_credential", IsOlderThan(24)), ("idp_link", IsOlderThan(26, 3))])
        {
            if (lacks && actions.All(a => a.Alias != alias))
            {
                actions.Add(DefaultRequiredActions.Make().Single(a => a.Alias == alias));
            }
        }

        if (IsOlderThan(26, 4))
        {
            Move("CONFIGURE_TOTP", 10, 54);
            Move("UPDATE_PASSWORD", 30, 57);
        }

        void Move(string alias, int from, int to)
        {
            if (actions.Find(a => a.Alias == alias && a.Priority == from) is { } action)
            {
                action.Priority = to;
            }
        }
    }

    private void MigrateClient(ClientRepresentation client)
    {
        if (client.ClientId is DefaultClients.AdminCli or DefaultClients.AdminConsole && IsOlderThan(26))
        {
            client.FullScopeAllowed = true;
            (client.Attributes ??= [])["client.use.lightweight.access.token.enabled"] = "true";
        }
    }
}
