using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>The clients that come with a realm.</summary>
public static class DefaultClients
{
    public const string Account = "account", AccountConsole = "account-console", AdminCli = "admin-cli", Broker = "broker",
        RealmManagement = "realm-management", AdminConsole = "security-admin-console", AdminPermissions = "admin-permissions";

    private const string Lightweight = "client.use.lightweight.access.token.enabled";

    /// <summary>The client ids of all built-in clients of a realm other than master, which has none called <c>realm-management</c>.</summary>
    public static readonly string[] Names = [Account, AccountConsole, AdminCli, Broker, RealmManagement, AdminConsole];

    /// <summary>A built-in client anew; scopes are for the caller to give.</summary>
    public static ClientRepresentation Make(string clientId, string realm) => clientId switch
    {
        Account => Console(Client(clientId), realm),
        AccountConsole => With(Console(Client(clientId), realm), c =>
        {
            c.Attributes!["pkce.code.challenge.method"] = "S256";
            c.ProtocolMappers = [DefaultClientScopes.AudienceResolve()];
        }),
        AdminCli => With(Client(clientId), c =>
        {
            (c.PublicClient, c.StandardFlowEnabled, c.DirectAccessGrantsEnabled, c.FullScopeAllowed) = (true, false, true, true);
            c.Attributes![Lightweight] = "true";
        }),
        AdminConsole => With(Client(clientId), c =>
        {
            (c.RootUrl, c.BaseUrl, c.RedirectUris, c.WebOrigins) = ("${authAdminUrl}", $"/admin/{realm}/console/", [$"/admin/{realm}/console/*"], ["+"]);
            (c.PublicClient, c.FullScopeAllowed) = (true, true);
            c.Attributes![Lightweight] = "true";
            c.Attributes["post.logout.redirect.uris"] = "+";
            c.Attributes["pkce.code.challenge.method"] = "S256";
            c.ProtocolMappers = [DefaultClientScopes.Attribute("locale", "locale", "locale")];
        }),
        _ => With(Client(clientId), c =>
        {
            c.BearerOnly = true;
            c.Attributes!["realm_client"] = "true";
        }),
    };

    /// <summary>The client that holds the fine-grained permissions of administrators; it is made when a realm asks for them.</summary>
    public static ClientRepresentation MakeAdminPermissions() => With(Client(AdminPermissions), c =>
    {
        (c.Name, c.ClientAuthenticatorType, c.ServiceAccountsEnabled, c.AuthorizationServicesEnabled) = (null, null, true, true);
        c.AuthorizationSettings = AdminPermissionsModel.Make();
    });

    /// <summary>The client in the master realm whose roles administer another realm.</summary>
    public static ClientRepresentation MakeAdministration(string realm) => With(Client(AdministrationName(realm)), c =>
    {
        (c.Name, c.BearerOnly, c.Protocol) = (realm + " Realm", true, null);
        c.Attributes!["realm_client"] = "true";
    });

    /// <summary>The client id of that client.</summary>
    public static string AdministrationName(string realm) => realm + "-realm";

    private static ClientRepresentation Console(ClientRepresentation client, string realm) => With(client, c =>
    {
        (c.RootUrl, c.BaseUrl, c.RedirectUris, c.PublicClient) = ("${authBaseUrl}", $"/realms/{realm}/account/", [$"/realms/{realm}/account/*"], true);
        c.Attributes!["post.logout.redirect.uris"] = "+";
    });

    private static ClientRepresentation With(ClientRepresentation client, Action<ClientRepresentation> change)
    {
        change(client);
        return client;
    }

    private static ClientRepresentation Client(string clientId) => new()
    {
        Id = Ids.New(), ClientId = clientId, Name = $"${{client_{clientId}}}", SurrogateAuthRequired = false, Enabled = true, AlwaysDisplayInConsole = false,
        ClientAuthenticatorType = "client-secret", RedirectUris = [], WebOrigins = [], NotBefore = 0, BearerOnly = false, ConsentRequired = false,
        StandardFlowEnabled = true, ImplicitFlowEnabled = false, DirectAccessGrantsEnabled = false, ServiceAccountsEnabled = false, PublicClient = false,
        FrontchannelLogout = false, Protocol = "openid-connect", Attributes = new() { ["realm_client"] = "false" }, AuthenticationFlowBindingOverrides = [],
        FullScopeAllowed = false, NodeReRegistrationTimeout = 0,
    };
}
