using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private readonly HashSet<string> _usernames = new(StringComparer.Ordinal);
    private readonly bool _emailIsName = file.RegistrationEmailAsUsername is true && file.DuplicateEmailsAllowed is not true;
    private readonly HashSet<string> _emails = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _userIds = new(StringComparer.Ordinal);

    /// <summary>Adds people; callable again for the next part of a long list.</summary>
    public void BuildUsers(IEnumerable<FilePerson> users)
    {
        foreach (var user in users)
        {
            if (Refusal is not null)
            {
                return;
            }

            BuildUser(user.User, user.Place);
        }
    }

    private void BuildUser(UserRepresentation user, string place)
    {
        if (string.IsNullOrEmpty(user.Username))
        {
            RefuseFault(place, "A user needs a username");
            return;
        }

        user.Username = user.Username.ToLowerInvariant();
        user.Email = string.IsNullOrEmpty(user.Email) ? null : user.Email.ToLowerInvariant();
        user.Username = _emailIsName ? user.Email ?? user.Username : user.Username;
        CheckLength(place + ".username", user.Username, 255);
        if (!_usernames.Add(user.Username))
        {
            RefuseDuplicate($"{place}: another is called {user.Username}");
            return;
        }

        if (user.Email is { } email && !_emails.Add(email) && file.DuplicateEmailsAllowed is not true)
        {
            RefuseDuplicate($"{place}: another has the address {email}");
            return;
        }

        user.Id = string.IsNullOrEmpty(user.Id) ? Ids.New() : user.Id;
        TakeId("user", user.Id, place);
        _userIds[user.Username] = user.Id;
        var serviceAccountOf = user.ServiceAccountClientId;
        if (serviceAccountOf is not null && !_clients.ContainsKey(serviceAccountOf))
        {
            RefuseFault(place, $"Unable to find client specified for service account link. Client: {serviceAccountOf}");
            return;
        }

        AddUser(new()
        {
            Id = user.Id, Username = user.Username, Email = user.Email, EmailVerified = user.EmailVerified ?? false, FirstName = user.FirstName, LastName = user.LastName,
            Enabled = user.Enabled ?? false, CreatedTimestamp = user.CreatedTimestamp ?? tools.Milliseconds, Attributes = user.Attributes,
            RequiredActions = [.. (user.RequiredActions ?? []).Select(a => DefaultRequiredActions.Canonical(a)!)], NotBefore = user.NotBefore ?? 0, FederationLink = user.FederationLink,
            ServiceAccountClientId = serviceAccountOf is null ? null : _clients[serviceAccountOf].Id,
        });
        foreach (var role in user.RealmRoles ?? [])
        {
            Map(RoleOwner.User, user.Id, RealmRole(role));
        }

        MapClientRoles(place, RoleOwner.User, user.Id, user.ClientRoles ?? user.ApplicationRoles);
        foreach (var path in user.Groups ?? [])
        {
            if (FindGroup(path) is not { } group)
            {
                RefuseFault(place + ".groups", $"Unable to find group specified by path: {path}");
                return;
            }

            Changes.Add(new JoinGroup(user.Id, group.Id!));
        }

        foreach (var link in user.FederatedIdentities ?? SocialLinks(place, user.SocialLinks))
        {
            if (link.IdentityProvider is null)
            {
                RefuseFault(place + ".federatedIdentities", "A link needs an identityProvider");
                return;
            }

            Changes.Add(new PutFederatedIdentity(user.Id, link));
        }

        BuildCredentials(place, user);
        BuildConsents(place, user);
    }

    private void AddUser(UserRepresentation user) => Changes.Add(new PutUser(user) { IsNew = true });

    private void BuildConsents(string place, UserRepresentation user)
    {
        foreach (var consent in user.ClientConsents ?? [])
        {
            if (consent.ClientId is null || !_clients.TryGetValue(consent.ClientId, out var client))
            {
                RefuseFault(place + ".clientConsents", $"Unable to find client consent mappings for client: {consent.ClientId}");
                return;
            }

            var scopes = new List<string>();
            foreach (var name in consent.GrantedClientScopes ?? [])
            {
                if (!_scopes.TryGetValue(name, out var scope))
                {
                    RefuseFault(place + ".clientConsents", $"Unable to find client scope referenced in consent mappings of user. Client scope name: {name}");
                    return;
                }

                scopes.Add(scope.Id!);
            }

            if (consent.GrantedRealmRoles?.Contains(DefaultRoles.OfflineAccess) is true && client.OptionalClientScopes?.Contains(DefaultRoles.OfflineAccess) is true)
            {
                // Consent to the role of earlier days is consent to the scope that took its place.
                scopes.Add(_scopes[DefaultRoles.OfflineAccess].Id!);
            }

            var now = tools.Milliseconds;
            Changes.Add(new PutConsent(user.Id!, new() { ClientId = client.Id, GrantedClientScopes = [.. scopes.Distinct()], CreatedDate = now, LastUpdatedDate = now }));
        }
    }

    private void BuildServiceAccounts()
    {
        foreach (var client in _needServiceAccounts)
        {
            var username = "service-account-" + client.ClientId!.ToLowerInvariant();
            if (!_usernames.Add(username))
            {
                continue;
            }

            var id = Ids.New();
            _userIds[username] = id;
            AddUser(new()
            {
                Id = id, Username = username, EmailVerified = false, Enabled = true, CreatedTimestamp = tools.Milliseconds, RequiredActions = [], NotBefore = 0,
                ServiceAccountClientId = client.Id,
            });
            Map(RoleOwner.User, id, _defaultRole);
            Changes.AddRange(_defaultGroupIds.Select(group => new JoinGroup(id, group)));
            if (client.AuthorizationServicesEnabled is true)
            {
                Map(RoleOwner.User, id, ClientRole(client, "uma_protection"));
            }
        }
    }
}
