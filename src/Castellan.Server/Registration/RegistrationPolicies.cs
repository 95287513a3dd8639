using System.Globalization;
using System.Net;
using Castellan.Core.Mappers;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Server.Registration;

/// <summary>That a policy of the realm is in the way: which, and the sentence for the caller.</summary>
internal sealed record PolicyRefusal(string Policy, string Description);

/// <summary>What the realm's components allow those who register clients, and what they make of the clients.</summary>
internal static class RegistrationPolicies
{
    /// <summary>How many clients a realm may have where the policy gives no number.</summary>
    private const int UsualMaxClients = 200;

    private const string NotTrusted = "Host not trusted.";

    /// <summary>The policies that count for a caller, by their names.</summary>
    public static IEnumerable<ComponentRepresentation> Of(Realm realm, string set) =>
        realm.Data.Components.Where(c => c.ProviderType == DefaultComponents.RegistrationPolicy && c.SubType == set).OrderBy(c => c.Name, StringComparer.Ordinal);

    /// <summary>Why a client may not be registered or changed so; null when it may. <paramref name="existing"/> is null for a new one.</summary>
    public static async ValueTask<PolicyRefusal?> RefuseAsync(
        Realm realm, string set, ClientRepresentation given, ClientRepresentation? existing, string? address, Func<ValueTask<int>> countClients, CancellationToken ct)
    {
        foreach (var policy in Of(realm, set))
        {
            var wrong = policy.ProviderId switch
            {
                "trusted-hosts" => await HostAsync(policy, address, ct) ?? Addresses(policy, given),
                "max-clients" when existing is null => await CountAsync(policy, countClients),
                "allowed-protocol-mappers" => Mappers(policy, given, existing),
                "allowed-client-templates" => Scopes(realm, policy, given, existing),
                "consent-required" when existing is { ConsentRequired: true } && given.ConsentRequired is not true => "Not permitted to update consentRequired to false",
                "scope" when existing is { FullScopeAllowed: not true } && given.FullScopeAllowed is true => "Not permitted to enable fullScopeAllowed",
                "client-disabled" when existing is { Enabled: false } && given.Enabled is true => "Not permitted to enable client",
                _ => null,
            };
            if (wrong is not null)
            {
                return Refusal(policy, wrong);
            }
        }

        return null;
    }

    /// <summary>Why a client may not be looked at or removed from there; null when it may.</summary>
    public static async ValueTask<PolicyRefusal?> RefuseHostAsync(Realm realm, string set, string? address, CancellationToken ct)
    {
        foreach (var policy in Of(realm, set).Where(p => p.ProviderId == "trusted-hosts"))
        {
            if (await HostAsync(policy, address, ct) is { } wrong)
            {
                return Refusal(policy, wrong);
            }
        }

        return null;
    }

    /// <summary>What the policies make of a new client.</summary>
    public static void Shape(Realm realm, string set, ClientRepresentation client)
    {
        foreach (var policy in Of(realm, set))
        {
            switch (policy.ProviderId)
            {
                case "consent-required": client.ConsentRequired = true; break;
                case "scope": client.FullScopeAllowed = false; break;
                case "client-disabled": client.Enabled = false; break;
            }
        }
    }

    /// <summary>Whether scripts of an origin may register clients.</summary>
    public static bool AllowsOrigin(Realm realm, string set, string origin) =>
        Of(realm, set).Where(p => p.ProviderId == "registration-web-origins").SelectMany(p => Values(p, "web-origins")).Any(o => o == "*" || o == origin);

    private static PolicyRefusal Refusal(ComponentRepresentation policy, string details) => new(policy.Name ?? "", $"Policy '{policy.Name}' rejected request to client-registration service. Details: {details}");

    private static List<string> Values(ComponentRepresentation policy, string setting) => policy.Config?.GetValueOrDefault(setting) ?? [];

    private static bool Flag(ComponentRepresentation policy, string setting) => Values(policy, setting) is not ["false", ..];

    private static async ValueTask<string?> HostAsync(ComponentRepresentation policy, string? address, CancellationToken ct)
    {
        if (!Flag(policy, "host-sending-registration-request-must-match"))
        {
            return null;
        }

        if (!IPAddress.TryParse(address, out var caller))
        {
            return NotTrusted;
        }

        var hosts = Values(policy, "trusted-hosts");
        foreach (var host in hosts.Where(h => !h.StartsWith("*.", StringComparison.Ordinal)))
        {
            if ((await AddressesOfAsync(host, ct)).Contains(caller))
            {
                return null;
            }
        }

        var domains = hosts.Where(h => h.StartsWith("*.", StringComparison.Ordinal)).Select(h => h[1..]).ToList();
        return domains.Count > 0 && await CallerNames.FindAsync(caller, NameOfAsync, AddressesOfAsync, ct) is { } name && domains.Exists(d => name.EndsWith(d, StringComparison.OrdinalIgnoreCase)) ? null : NotTrusted;
    }

    private static async ValueTask<IPAddress[]> AddressesOfAsync(string host, CancellationToken ct)
    {
        try
        {
            return IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, ct);
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or ArgumentException)
        {
            return [];
        }
    }

    private static async ValueTask<string?> NameOfAsync(IPAddress address, CancellationToken ct)
    {
        try
        {
            return (await Dns.GetHostEntryAsync(address.ToString(), ct)).HostName;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return null;
        }
    }

    private static string? Addresses(ComponentRepresentation policy, ClientRepresentation client)
    {
        if (!Flag(policy, "client-uris-must-match"))
        {
            return null;
        }

        var hosts = Values(policy, "trusted-hosts");
        return !AreTrusted([client.RootUrl, client.BaseUrl, client.AdminUrl]) ? "URL doesn't match any trusted host or trusted domain"
            : !AreTrusted(client.RedirectUris ?? []) ? "URI doesn't match any trusted host or trusted domain"
            : null;

        bool AreTrusted(IEnumerable<string?> addresses) => addresses
            .Where(u => !string.IsNullOrEmpty(u) && !u.StartsWith('/') && !u.StartsWith("${", StringComparison.Ordinal))
            .All(u => Uri.TryCreate(u!.TrimEnd('*'), UriKind.Absolute, out var uri) && hosts.Exists(h => IsOf(uri.Host, h)));
    }

    private static bool IsOf(string host, string trusted) => trusted.StartsWith("*.", StringComparison.Ordinal)
        ? host.EndsWith(trusted[1..], StringComparison.OrdinalIgnoreCase) || host.Equals(trusted[2..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(trusted, StringComparison.OrdinalIgnoreCase);

    private static async ValueTask<string?> CountAsync(ComponentRepresentation policy, Func<ValueTask<int>> countClients)
    {
        var max = int.TryParse(Values(policy, "max-clients").FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : UsualMaxClients;
        return await countClients() >= max ? $"It's allowed to have max {max.ToString(CultureInfo.InvariantCulture)} clients per realm" : null;
    }

    /// <summary>What an administrator gave the client may stay as it is; what the client gives itself is of the allowed types, and tells of no roles that are not its person's.</summary>
    private static string? Mappers(ComponentRepresentation policy, ClientRepresentation client, ClientRepresentation? existing)
    {
        var allowed = Values(policy, "allowed-protocol-mapper-types");
        var own = (client.ProtocolMappers ?? []).Where(m => existing?.ProtocolMappers?.Exists(e => IsSame(e, m)) is not true).ToList();
        return own.Exists(m => m.ProtocolMapper is null || !allowed.Contains(m.ProtocolMapper)) ? "ProtocolMapper type not allowed"
            : own.Exists(TellsOfRoles) ? "ProtocolMapper claim not allowed" : null;
    }

    private static bool IsSame(ProtocolMapperRepresentation one, ProtocolMapperRepresentation other) =>
        one.Id == other.Id && one.ProtocolMapper == other.ProtocolMapper
        && (one.Config ?? []).OrderBy(c => c.Key, StringComparer.Ordinal).SequenceEqual((other.Config ?? []).OrderBy(c => c.Key, StringComparer.Ordinal));

    /// <summary>Whether a value that people choose themselves, such as a name, would stand where APIs read roles (CVE-2026-16102).</summary>
    private static bool TellsOfRoles(ProtocolMapperRepresentation mapper) =>
        mapper.ProtocolMapper is not ("oidc-usermodel-realm-role-mapper" or "oidc-usermodel-client-role-mapper")
        && MapperModel.Split(mapper.Config?.GetValueOrDefault("claim.name")) is ["realm_access" or "resource_access", ..];

    private static string? Scopes(Realm realm, ComponentRepresentation policy, ClientRepresentation client, ClientRepresentation? existing)
    {
        IEnumerable<string> allowed = [.. Values(policy, "allowed-client-scopes"), .. existing?.DefaultClientScopes ?? [], .. existing?.OptionalClientScopes ?? []];
        if (Flag(policy, "allow-default-scopes"))
        {
            allowed = allowed.Concat(realm.Settings.DefaultDefaultClientScopes ?? []).Concat(realm.Settings.DefaultOptionalClientScopes ?? []);
        }

        return (client.DefaultClientScopes ?? []).Concat(client.OptionalClientScopes ?? []).Except(allowed, StringComparer.Ordinal).Any() ? "Not permitted to use specified clientScope" : null;
    }
}
