using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server;

/// <summary>Parts of the server that its operator has switched off. What is off is not there: its addresses, grants, steps and entries in documents.</summary>
public sealed class Features : IRealmShape
{
    // A feature, and what is no use without it.
    private static readonly Dictionary<string, string[]> s_dependents = new(StringComparer.Ordinal)
    {
        ["account-api"] = ["account"],
        ["admin-api"] = ["admin"],
        ["web-authn"] = ["passkeys"],
    };

    private readonly HashSet<string> _off;

    /// <param name="off">The names of what is off, without versions.</param>
    public Features(IEnumerable<string> off)
    {
        _off = [.. off];
        _off.UnionWith(_off.Where(s_dependents.ContainsKey).SelectMany(f => s_dependents[f]).ToList());
    }

    /// <summary>Everything is on.</summary>
    public static Features All { get; } = new([]);

    /// <summary>What can be switched off here.</summary>
    public static IReadOnlySet<string> Switchable { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "account", "account-api", "admin", "admin-api", "authorization", "ciba", "client-auth-federated", "client-policies", "device-flow", "impersonation", "jwt-authorization-grant",
        "kubernetes-service-accounts", "opentelemetry", "organization", "par", "passkeys", "recovery-codes", "token-exchange-standard", "update-email", "user-event-metrics", "web-authn", "workflows",
    };

    public IReadOnlySet<string> Off => _off;

    public bool Has(string feature) => !_off.Contains(feature);

    bool IRealmShape.Hides => !Has("organization") || !Has("passkeys");

    void IRealmShape.Hide(RealmRepresentation settings)
    {
        settings.OrganizationsEnabled = Has("organization") ? settings.OrganizationsEnabled : false;
        settings.WebAuthnPolicyPasswordlessPasskeysEnabled = Has("passkeys") ? settings.WebAuthnPolicyPasswordlessPasskeysEnabled : false;
    }

    void IRealmShape.Keep(RealmRepresentation stored, RealmRepresentation settings)
    {
        settings.OrganizationsEnabled = Has("organization") ? settings.OrganizationsEnabled : stored.OrganizationsEnabled;
        settings.WebAuthnPolicyPasswordlessPasskeysEnabled = Has("passkeys") ? settings.WebAuthnPolicyPasswordlessPasskeysEnabled : stored.WebAuthnPolicyPasswordlessPasskeysEnabled;
    }

    /// <summary>Those that the host has registered; everything is on when it has registered none.</summary>
    internal static Features Of(IServiceCollection services) =>
        services.FirstOrDefault(s => s.ServiceType == typeof(Features))?.ImplementationInstance as Features ?? All;
}
