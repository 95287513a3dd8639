using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Brokering;

/// <summary>An identity provider of a realm, ready to sign people in: its settings, with what its kind brings along filled in.</summary>
public sealed class IdentityProvider
{
    private const string AssertionsOnly = "jwt-authorization-grant";

    private readonly IdentityProviderRepresentation _source;
    private readonly SocialService? _service;
    private UpstreamAddresses? _located;

    public IdentityProvider(IdentityProviderRepresentation source, IReadOnlyList<IdentityProviderMapperRepresentation> mappers)
    {
        (_source, Mappers, _service) = (source, mappers, SocialService.Find(source.ProviderId));
    }

    /// <summary>The provider at addresses that it said itself.</summary>
    public IdentityProvider At(UpstreamAddresses located) => new(_source, Mappers) { _located = located };

    /// <summary>The internal id.</summary>
    public string Id => _source.InternalId ?? Alias;

    public string Alias => _source.Alias!;

    /// <summary>The kind: <c>oidc</c>, <c>keycloak-oidc</c>, <c>oauth2</c>, <c>saml</c>, <c>github</c>, …</summary>
    public string Kind => _source.ProviderId ?? "";

    public bool Enabled => _source.Enabled != false;

    /// <summary>Nobody signs in by it; people who are signed in link their accounts there.</summary>
    public bool LinkOnly => _source.LinkOnly == true;

    /// <summary>Whether it has no button on the login page.</summary>
    public bool Hidden => _source.HideOnLogin == true;

    public bool TrustEmail => _source.TrustEmail == true;

    public bool StoreToken => _source.StoreToken == true;

    public bool GivesReadToken => _source.AddReadTokenRoleOnCreate == true;

    /// <summary>The organization that it belongs to.</summary>
    public string? OrganizationId => _source.OrganizationId is { Length: > 0 } id ? id : null;

    public string? FirstLoginFlow => _source.FirstBrokerLoginFlowAlias is { Length: > 0 } alias ? alias : null;

    public string? PostLoginFlow => _source.PostBrokerLoginFlowAlias is { Length: > 0 } alias ? alias : null;

    /// <summary>What people know it by: its display name, a service's own name, else the alias.</summary>
    public string Name => DisplayName ?? _service?.Name ?? Alias;

    /// <summary>The name that its administrator gave it.</summary>
    public string? DisplayName => _source.DisplayName is { Length: > 0 } name ? name : null;

    /// <summary>The place among the buttons; those without one come last.</summary>
    public int Order => int.TryParse(Setting("guiOrder"), out var order) ? order : int.MaxValue;

    public IReadOnlyList<IdentityProviderMapperRepresentation> Mappers { get; }

    /// <summary>How mappers without a mode of their own treat people who come again.</summary>
    public SyncMode SyncMode => SyncModes.Parse(Setting("syncMode")) is var mode && mode == SyncMode.Inherit ? SyncMode.Legacy : mode;

    /// <summary>Whether it can be spoken to at all: grants and clusters sign nobody in here.</summary>
    public bool CanSignIn => Kind is "oidc" or "keycloak-oidc" or "oauth2" || _service is not null || IsSaml;

    /// <summary>Whether it speaks SAML.</summary>
    public bool IsSaml => Kind == "saml";

    /// <summary>Whether it is for people at all, and not for programs alone.</summary>
    public bool IsForPeople => Kind is not (IdentityProviderTypes.Cluster or AssertionsOnly);

    /// <summary>Whether it is a Kubernetes cluster, which vouches for its service accounts.</summary>
    public bool IsCluster => Kind == IdentityProviderTypes.Cluster;

    /// <summary>Whether its assertions stand for clients (RFC 7523 §2.2).</summary>
    public bool VouchesForClients => IsCluster || (Kind is "oidc" or "keycloak-oidc" && Flag("supportsClientAssertions"));

    /// <summary>Whether its assertions get tokens for those whom they name (RFC 7523 §2.1).</summary>
    public bool GrantsByAssertion => Kind == AssertionsOnly || (HasIdToken && Flag("jwtAuthorizationGrantEnabled"));

    /// <summary>Whether it answers with an ID token (OIDC Core §3.1.3.3) that says who the person is.</summary>
    public bool HasIdToken => Kind is "oidc" or "keycloak-oidc" || _service is { HasIdToken: true };

    /// <summary>Whether the ID token alone may say who the person is; other services have names of their own for that, and another place.</summary>
    private bool SaysWhoInToken => HasIdToken && _service?.Fields is null;

    /// <summary>Whether its requests carry a nonce, which the ID token must repeat.</summary>
    public bool UsesNonce => HasIdToken && _service is null or { UsesNonce: true } && Kind is not "oauth2" && !Flag("disableNonce");

    public SocialService? Service => _service;

    public string? ClientId => Setting("clientId");

    public string? AuthorizationUrl => _located?.Authorization ?? _service?.AuthorizationUrl(this) ?? Setting("authorizationUrl");

    public string? TokenUrl => _located?.Token ?? _service?.TokenUrl(this) ?? Setting("tokenUrl");

    // A service whose tokens say nothing of the person is asked, whatever the switch says.
    public string? UserInfoUrl => Flag("disableUserInfo") && SaysWhoInToken ? null : _located?.UserInfo ?? _service?.UserInfoUrl(this) ?? Setting("userInfoUrl");

    public string? LogoutUrl => Setting("logoutUrl");

    /// <summary>The issuers whose ID tokens are taken; empty for any (Keycloak's rule for a provider without one).</summary>
    public IReadOnlyList<string> Issuers => (Setting("issuer") ?? _service?.Issuer)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Whether the ID token's signature is checked. It came straight from the token endpoint, so it need not be (OIDC Core §3.1.3.7, 6).</summary>
    public bool ChecksSignature => Flag("validateSignature") || _service?.JwksUrl is not null;

    public string? JwksUrl => Flag("useJwksUrl") ? Setting("jwksUrl") : _service?.JwksUrl;

    /// <summary>Seconds that clocks may differ.</summary>
    public int ClockSkew => int.TryParse(Setting(Kind == AssertionsOnly ? "jwtAuthorizationGrantAllowedClockSkew" : "allowedClockSkew"), out var seconds) ? Math.Clamp(seconds, 0, 600) : 0;

    /// <summary>For how many seconds at least an access token that is handed on counts.</summary>
    public int MinValidity => int.TryParse(Setting("minValidityToken"), out var seconds) && seconds > 0 ? seconds : 5;

    /// <summary>The scopes to ask for.</summary>
    public string Scope
    {
        get
        {
            var scope = Setting("defaultScope") ?? _service?.Scope ?? "";
            if (Kind == "gitlab" && scope == "openid")
            {
                // By this alone GitLab does not say who the person is.
                return _service!.Scope;
            }

            // Without it there is no ID token (OIDC Core §3.1.2.1).
            return HasIdToken && !scope.Split(' ').Contains("openid") ? $"openid {scope}".TrimEnd() : scope;
        }
    }

    /// <summary>A setting, or null when absent or empty.</summary>
    public string? Setting(string name) => _source.Config?.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public bool Flag(string name) => string.Equals(Setting(name), "true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Where a provider is, when it is its own to say.</summary>
public sealed record UpstreamAddresses(string Authorization, string Token, string UserInfo);

/// <summary>The identity providers of a realm.</summary>
public sealed class IdentityProviders
{
    private readonly Dictionary<string, IdentityProvider> _byAlias;

    private IdentityProviders(Realm realm)
    {
        var mappers = realm.Data.IdentityProviderMappers.ToLookup(m => m.IdentityProviderAlias, StringComparer.Ordinal);
        _byAlias = realm.Data.IdentityProviders.Where(p => p.Alias is { Length: > 0 }).GroupBy(p => p.Alias!, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => new IdentityProvider(g.First(), [.. mappers[g.Key]]), StringComparer.Ordinal);
    }

    public static IdentityProviders Of(Realm realm) => realm.Compiled(static r => new IdentityProviders(r));

    /// <summary>All of them, in the order in which people see them.</summary>
    public IEnumerable<IdentityProvider> All => _byAlias.Values.OrderBy(p => p.Order).ThenBy(p => p.Alias, StringComparer.Ordinal);

    public IdentityProvider? Find(string? alias) => alias is null ? null : _byAlias.GetValueOrDefault(alias);

    /// <summary>The provider, if people may come by it now.</summary>
    public IdentityProvider? FindEnabled(string? alias) => Find(alias) is { Enabled: true } provider ? provider : null;

    /// <summary>Those with a button on a login page, whatever organization they belong to.</summary>
    public IEnumerable<IdentityProvider> Buttons() => All.Where(p => p is { Enabled: true, Hidden: false, LinkOnly: false, IsForPeople: true });
}
