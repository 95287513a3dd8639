using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    // Clients of the file whose service accounts the file does not have get the scope and the account.
    private readonly List<ClientRepresentation> _needServiceAccounts = [];

    private void BuildClients()
    {
        var given = file.Clients ?? [];
        var named = given.Where(c => c.ClientId is not null).Select(c => c.ClientId!).ToHashSet(StringComparer.Ordinal);
        foreach (var name in BuiltInClients().Where(n => !named.Contains(n)))
        {
            // The page of one's account comes with the client of the account, and came with release 9 to realms that had that: it finds all scopes there.
            var isLate = name == DefaultClients.AccountConsole && named.Contains(DefaultClients.Account);
            if (isLate && !IsOlderThan(9))
            {
                continue;
            }

            var client = DefaultClients.Make(name, Name);
            GiveScopes(client, _builtInScopes || isLate ? _defaultScopes : [], _builtInScopes || isLate ? _optionalScopes : []);
            if (isLate)
            {
                client.Attributes!.Remove("post.logout.redirect.uris");
            }

            AddClient(client);
        }

        BuildGivenClients();
        BuildAdminPermissions(given.Find(c => c.ClientId == DefaultClients.AdminPermissions));
    }

    private void BuildGivenClients()
    {
        var serviceAccounts = (file.Users ?? []).Where(u => u.ServiceAccountClientId is not null).Select(u => u.ServiceAccountClientId!).ToHashSet();
        foreach (var client in file.Clients ?? [])
        {
            if (client.ClientId == DefaultClients.AdminPermissions && MakesAdminPermissions)
            {
                continue;
            }

            client.Id = string.IsNullOrEmpty(client.Id) ? Ids.New() : client.Id;
            client.ClientId ??= client.Id;
            CompleteClient(client);
            if (client.ServiceAccountsEnabled is true && !serviceAccounts.Contains(client.ClientId) && !ServiceAccountsElsewhere.Contains(client.ClientId))
            {
                NeedServiceAccount(client);
            }

            if (_clients.ContainsKey(client.ClientId))
            {
                RefuseDuplicate($"clients[{client.ClientId}]");
            }

            AddClient(client);
        }
    }

    private void NeedServiceAccount(ClientRepresentation client)
    {
        _needServiceAccounts.Add(client);
        if (_scopes.ContainsKey(DefaultClientScopes.ServiceAccount) && !client.DefaultClientScopes!.Contains(DefaultClientScopes.ServiceAccount))
        {
            client.DefaultClientScopes.Add(DefaultClientScopes.ServiceAccount);
        }
    }

    private string[] BuiltInClients() => Name == RealmImport.Master
        ? [.. DefaultClients.Names.Where(n => n != DefaultClients.RealmManagement)]
        : DefaultClients.Names;

    private void AddClient(ClientRepresentation client)
    {
        _clients[client.ClientId!] = client;
        TakeId("client", client.Id!, $"clients[{client.ClientId}]");
        Changes.Add(new PutClient(client) { IsNew = true });
    }

    private void CompleteClient(ClientRepresentation client)
    {
        var place = $"clients[{client.ClientId}]";
        CheckLength(place + ".clientId", client.ClientId, 255);
        CheckLength(place + ".name", client.Name, 255);
        CheckLength(place + ".description", client.Description, 255);
        if (ClientValidation.Refuse(client, file, IsWhole ? BrowserLevels : null) is { } wrong)
        {
            RefuseFault(place, $"Invalid client {client.ClientId}: {wrong}");
        }

        CheckOverrides(place, client);
        CompleteMappers(place, client.ProtocolMappers);
        client.ProtocolMappers = client.ProtocolMappers is { Count: > 0 } ? client.ProtocolMappers : null;

        // A public client has no secret, and gets none by having permissions to guard.
        var hasSecret = client.PublicClient is not true;
        CompleteAuthorization(place, client);
        client.SurrogateAuthRequired ??= false;
        client.Enabled ??= true;
        client.AlwaysDisplayInConsole ??= false;
        client.ClientAuthenticatorType ??= "client-secret";
        client.RedirectUris = [.. (client.RedirectUris ?? []).Where(u => !string.IsNullOrWhiteSpace(u)).Distinct()];
        client.WebOrigins = [.. (client.WebOrigins ?? OriginsOf(client.RedirectUris)).Where(u => !string.IsNullOrWhiteSpace(u)).Distinct()];
        client.NotBefore ??= 0;
        client.BearerOnly ??= false;
        client.ConsentRequired ??= false;
        if (client.DirectGrantsOnly is { } isDirect)
        {
            // One switch for both, before each had its own.
            (client.StandardFlowEnabled, client.DirectAccessGrantsEnabled) = (!isDirect, isDirect);
        }

        client.StandardFlowEnabled ??= true;
        client.ImplicitFlowEnabled ??= false;
        client.DirectAccessGrantsEnabled ??= false;
        client.ServiceAccountsEnabled ??= false;
        client.PublicClient ??= false;
        client.FrontchannelLogout ??= false;
        client.Protocol ??= "openid-connect";
        client.FullScopeAllowed ??= !(client.ConsentRequired ?? false);
        client.NodeReRegistrationTimeout ??= -1;
        CompleteAttributes(client);
        CompleteSecret(client, hasSecret);
        var hasLists = client.DefaultClientScopes is not null || client.OptionalClientScopes is not null;
        GiveScopes(client, client.DefaultClientScopes ?? (client.OptionalClientScopes is null ? _defaultScopes : []),
            client.OptionalClientScopes ?? (client.DefaultClientScopes is null ? _optionalScopes : []));
        TakeOldTemplate(client, joins: !hasLists);
        (client.DirectGrantsOnly, client.DefaultRoles, client.Access, client.Origin) = (null, TakeDefaultRoles(client), null, null);
    }

    private static void CompleteAttributes(ClientRepresentation client)
    {
        client.Attributes = client.Attributes?.Where(a => a.Value is not null).ToDictionary(a => a.Key, a => a.Value) ?? [];
        client.Attributes.TryAdd("realm_client", client.ClientId is DefaultClients.RealmManagement or DefaultClients.Broker ? "true" : "false");
        client.Attributes.TryAdd("post.logout.redirect.uris", "+");
        if (client.Protocol == "saml" && client.ClientId is { } id)
        {
            // SAML 2.0 bindings §3.6.4: the source id is the SHA-1 of the entity id, a name and no secret.
#pragma warning disable CA5350
            client.Attributes.TryAdd("saml.artifact.binding.identifier", Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(id))));
#pragma warning restore CA5350
        }
    }

    private void CompleteSecret(ClientRepresentation client, bool hasSecret)
    {
        if (!hasSecret)
        {
            client.Secret = null;
        }
        else if (string.IsNullOrEmpty(client.Secret))
        {
            client.Secret = Secret.Text(86);
            client.Attributes!["client.secret.creation.time"] = (tools.Milliseconds / 1000).ToString(CultureInfo.InvariantCulture);
        }
    }

    // Only scopes that exist and speak the client's protocol; the rest is dropped without a word, as Keycloak does.
    private void GiveScopes(ClientRepresentation client, List<string> defaults, List<string> optional)
    {
        client.DefaultClientScopes = [.. defaults.Where(Fits).Distinct()];
        client.OptionalClientScopes = [.. optional.Where(Fits).Distinct().Except(client.DefaultClientScopes)];

        bool Fits(string name) => _scopes.TryGetValue(name, out var scope) && (scope.Protocol ?? "openid-connect") == (client.Protocol ?? "openid-connect");
    }

    private static List<string> OriginsOf(List<string> redirects) =>
    [
        .. redirects.Where(r => r.StartsWith("http", StringComparison.Ordinal) && Uri.TryCreate(r, UriKind.Absolute, out _))
            .Select(r => new Uri(r)).Select(u => u.IsDefaultPort ? $"{u.Scheme}://{u.Host}" : $"{u.Scheme}://{u.Host}:{u.Port.ToString(CultureInfo.InvariantCulture)}"),
    ];

    private void CheckOverrides(string place, ClientRepresentation client)
    {
        client.AuthenticationFlowBindingOverrides = client.AuthenticationFlowBindingOverrides?.Where(o => !string.IsNullOrEmpty(o.Value)).ToDictionary(o => o.Key, o => o.Value) ?? [];
        foreach (var (binding, flowId) in client.AuthenticationFlowBindingOverrides)
        {
            if (_flows.All(f => f.Id != flowId))
            {
                RefuseFault(place + ".authenticationFlowBindingOverrides", $"Unable to resolve auth flow binding override for: {binding}");
            }
        }
    }
}
