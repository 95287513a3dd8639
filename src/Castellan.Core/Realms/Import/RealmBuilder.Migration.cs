using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

/// <summary>
/// What realms of earlier releases lack: a file that says of which version it is gets what came after it, release by release. A file that says nothing
/// is taken as it is.
/// </summary>
internal sealed partial class RealmBuilder
{
    private readonly RealmVersion? _version = file.KeycloakVersion is { } version ? RealmVersion.Parse(version) : null;

    private bool IsOlderThan(int major, int minor = 0, int micro = 0) => _version is { } version && version.CompareTo(RealmVersion.Of(major, minor, micro)) < 0;

    private bool IsMigrated => _version is not null;

    private static bool IsOidcAndNotBearer(ClientRepresentation client) => client is { Protocol: null or "openid-connect", BearerOnly: not true };

    private void Migrate()
    {
        if (!IsMigrated)
        {
            return;
        }

        MigrateScopes();
        foreach (var client in _clients.Values)
        {
            MigrateClient(client);
        }

        MigrateAccountRoles();
    }

    // Scopes that came later, with the release, and the clients that get them. A scope that the file has is nobody's because of its release.
    private void MigrateScopes()
    {
        AddLater("roles", IsOlderThan(4, 6), optional: false, always: true);
        AddLater("web-origins", IsOlderThan(4, 6), optional: false, always: true);
        AddLater("microprofile-jwt", IsOlderThan(6), optional: true, always: true);
        AddLater("acr", IsOlderThan(18), optional: false);
        AddLater("basic", IsOlderThan(25), optional: false);
        AddLater(DefaultClientScopes.ServiceAccount, IsOlderThan(26, 1), optional: null);
        AddLater("AuthnContextClassRef", IsOlderThan(26, 4), optional: false);
    }

    private void AddLater(string name, bool lacks, bool? optional, bool always = false)
    {
        var has = _scopes.TryGetValue(name, out var scope);
        if (!lacks || (has && !always))
        {
            return;
        }

        if (!has)
        {
            scope = DefaultClientScopes.Make().Single(s => s.Name == name);
            AddScope(scope);
            if (optional is { } isOptionalInRealm)
            {
                (isOptionalInRealm ? _optionalScopes : _defaultScopes).Add(name);
            }
        }

        if (optional is not { } isOptional)
        {
            return;
        }

        foreach (var client in _clients.Values.Where(c => scope!.Protocol == "saml" ? c.Protocol == "saml" : IsOidcAndNotBearer(c)))
        {
            if (!client.DefaultClientScopes!.Contains(name) && !client.OptionalClientScopes!.Contains(name))
            {
                (isOptional ? client.OptionalClientScopes : client.DefaultClientScopes).Add(name);
            }
        }
    }

    private void MigrateClient(ClientRepresentation client)
    {
        MigrateClientBefore3(client);
        var attributes = client.Attributes ??= [];
        if (IsOlderThan(3, 4, 2) && client.ClientId is DefaultClients.AdminCli or DefaultClients.AdminConsole)
        {
            client.FullScopeAllowed = false;
            Changes.RemoveAll(c => c is AddRole { Kind: RoleOwner.Client } mapping && mapping.OwnerId == client.Id);
        }

        if (IsOlderThan(8))
        {
            MigrateAddresses(client);
        }

        if (IsOlderThan(9) && client.ClientId is DefaultClients.AdminConsole or DefaultClients.AccountConsole)
        {
            attributes["pkce.code.challenge.method"] = "S256";
        }

        if (IsOlderThan(22) && attributes.GetValueOrDefault("login_theme") == "rh-sso")
        {
            attributes.Remove("login_theme");
        }

        if (IsOlderThan(26) && client.ClientId is DefaultClients.AdminCli or DefaultClients.AdminConsole)
        {
            client.FullScopeAllowed = true;
            attributes["client.use.lightweight.access.token.enabled"] = "true";
        }

        MigrateEncryption(client, attributes);
    }

    // SAML names three algorithms since 26.4; before, these were meant.
    private void MigrateEncryption(ClientRepresentation client, Dictionary<string, string?> attributes)
    {
        if (IsOlderThan(26, 4) && client.Protocol == "saml" && attributes.GetValueOrDefault("saml.encrypt") == "true")
        {
            attributes["saml.encryption.algorithm"] = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
            attributes["saml.encryption.keyAlgorithm"] = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
            attributes["saml.encryption.digestMethod"] = "http://www.w3.org/2000/09/xmldsig#sha1";
        }
    }

    // Servers of those days lay below /auth, and their clients pointed there.
    private void MigrateAddresses(ClientRepresentation client)
    {
        if (client.ClientId is DefaultClients.AdminConsole or DefaultClients.Account)
        {
            var today = DefaultClients.Make(client.ClientId, Name);
            (client.RootUrl, client.BaseUrl, client.RedirectUris) = (today.RootUrl, today.BaseUrl, today.RedirectUris);
            client.WebOrigins = client.ClientId == DefaultClients.AdminConsole ? today.WebOrigins : client.WebOrigins;
        }
    }

    private void MigrateAccountRoles()
    {
        if (!_clients.TryGetValue(DefaultClients.Account, out var account))
        {
            return;
        }

        if (IsOlderThan(3))
        {
            var links = ClientRole(account, "manage-account-links");
            if (FindClientRole(account, "manage-account") is { } manage)
            {
                Map(RoleOwner.Role, manage.Id!, links);
            }
        }

        if (IsOlderThan(9))
        {
            Complete(DefaultClients.Account, ["view-applications", "view-consent", "manage-consent:view-consent"]);
        }

        if (IsOlderThan(20) && FindClientRole(account, "view-groups") is null)
        {
            Complete(DefaultClients.Account, ["view-groups"]);
            if (_clients.TryGetValue(DefaultClients.AccountConsole, out var console))
            {
                Map(RoleOwner.Client, console.Id!, FindClientRole(account, "view-groups")!);
            }
        }
    }
}
