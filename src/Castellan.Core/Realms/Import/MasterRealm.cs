using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>The realm that every server has.</summary>
internal static class MasterRealm
{
    /// <summary>What the master realm says of itself where it differs from any new realm. An administrator needs no e-mail here.</summary>
    public static RealmRepresentation Representation() => new()
    {
        Realm = RealmImport.Master, DisplayName = "Castellan", DisplayNameHtml = "<div class=\"kc-logo-text\"><span>Castellan</span></div>", Enabled = true,
        AccessTokenLifespan = 60, AuthenticationFlows = [.. DefaultFlows.Make().Where(f => !IsOfOrganizations(f.Alias)).Select(WithoutOrganizations)],
        AuthenticatorConfig = DefaultFlows.MakeConfigs(),
        Components = new()
        {
            ["org.keycloak.userprofile.UserProfileProvider"] =
                [new() { ProviderId = "declarative-user-profile", SubComponents = [], Config = new() { ["kc.user.profile.config"] = [Profile] } }],
        },
    };

    // Administrators belong to no organization.
    private static bool IsOfOrganizations(string? alias) => alias?.Contains("Organization", StringComparison.Ordinal) is true;

    private static AuthenticationFlowRepresentation WithoutOrganizations(AuthenticationFlowRepresentation flow)
    {
        flow.AuthenticationExecutions!.RemoveAll(step => IsOfOrganizations(step.FlowAlias));
        return flow;
    }

    private const string Profile =
        """
        {"attributes":[
        {"name":"username","displayName":"${username}","validations":{"length":{"min":3,"max":255},"username-prohibited-characters":{},"up-username-not-idn-homograph":{}},"permissions":{"view":["admin","user"],"edit":["admin","user"]},"multivalued":false},
        {"name":"email","displayName":"${email}","validations":{"email":{},"length":{"max":255}},"permissions":{"view":["admin","user"],"edit":["admin","user"]},"multivalued":false},
        {"name":"firstName","displayName":"${firstName}","validations":{"length":{"max":255},"person-name-prohibited-characters":{}},"permissions":{"view":["admin","user"],"edit":["admin","user"]},"multivalued":false},
        {"name":"lastName","displayName":"${lastName}","validations":{"length":{"max":255},"person-name-prohibited-characters":{}},"permissions":{"view":["admin","user"],"edit":["admin","user"]},"multivalued":false}],
        "groups":[{"name":"user-metadata","displayHeader":"User metadata","displayDescription":"Attributes, which refer to user metadata"}]}
        """;
}
