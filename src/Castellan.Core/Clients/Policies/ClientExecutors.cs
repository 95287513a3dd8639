using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>Clients ask people for consent.</summary>
internal sealed class ConsentRequiredExecutor() : PolicyExecutor("consent-required")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            occasion.Client.ConsentRequired = true;
        }

        return occasion.Client.ConsentRequired is true ? null : new("invalid_registration", "Client is required to enable consentRequired");
    }
}

/// <summary>Clients see only the roles in their scope.</summary>
internal sealed class FullScopeDisabledExecutor() : PolicyExecutor("full-scope-disabled")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            occasion.Client.FullScopeAllowed = false;
        }

        // Left out, it would be on.
        return occasion.Client.FullScopeAllowed is not false ? new("invalid_registration", "Not permitted to enable fullScopeAllowed") : null;
    }
}

/// <summary>Only clients that can prove themselves.</summary>
internal sealed class ConfidentialClientExecutor() : PolicyExecutor("confidential-client")
{
    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) => occasion.IsEarly ? null : Check(occasion);

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) => occasion.GrantType == "authorization_code" ? Check(occasion) : null;

    private static ProtocolError? Check(ClientRequestOccasion occasion) =>
        occasion.Requester.IsPublic ? new("invalid_client", "invalid client access type: public")
        : occasion.Requester.IsBearerOnly ? new("invalid_client", "invalid client access type: bearerOnly")
        : null;
}

/// <summary>Only some ways for clients to prove themselves.</summary>
internal sealed class ClientAuthenticatorExecutor() : PolicyExecutor("secure-client-authenticator")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        var client = occasion.Client;
        if (occasion.Asked.ClientAuthenticatorType is null && occasion.Existing is null && settings.Text("default-client-authenticator") is { } usual)
        {
            client.ClientAuthenticatorType = usual;
        }

        return client.PublicClient is true || client.BearerOnly is true || Allows(settings, client.ClientAuthenticatorType) ? null : Metadata("token_endpoint_auth_method");
    }

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) => Check(occasion.Method, settings);

    public override ProtocolError? Enter(EndpointOccasion occasion, PolicySettings settings) => Check(occasion.Method, settings);

    private static ProtocolError? Check(string? method, PolicySettings settings) =>
        method is not null && !Allows(settings, method) ? Request("Configured client authentication method not allowed for client") : null;

    private static bool Allows(PolicySettings settings, string? method) => settings.Texts("allowed-client-authenticators").Contains(method);
}

/// <summary>The addresses of clients begin with https.</summary>
internal sealed class ClientUrisExecutor() : PolicyExecutor("secure-client-uris")
{
    // Attribute, the name of the setting in sentences.
    private static readonly (string Attribute, string Name)[] s_attributes =
    [
        ("jwks.url", "jwksUri"), ("backchannel.logout.url", "backchannelLogoutUrl"), ("ciba.backchannel.client.notification.endpoint", "cibaClientNotificationEndpoint"),
        ("logoUri", "logoUri"), ("policyUri", "policyUri"), ("tosUri", "tosUri"),
    ];

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        var client = occasion.Client;
        var wrong = Bad(client.RootUrl) ? "rootUrl" : Bad(client.AdminUrl) ? "adminUrl" : Bad(client.BaseUrl) ? "baseUrl"
            : client.RedirectUris?.Exists(BadRedirect) is true ? "redirectUris"
            : client.WebOrigins?.Exists(o => o != "+" && Bad(o)) is true ? "webOrigins"
            : s_attributes.FirstOrDefault(a => Bad(client.Attributes?.GetValueOrDefault(a.Attribute))).Name
            ?? (client.Attributes?.GetValueOrDefault("request.uris")?.Split("##").Any(Bad) is true ? "requestUris" : null);
        return wrong is null ? null : new("invalid_client_metadata", "Invalid " + wrong);
    }

    private static bool Bad(string? address) =>
        !string.IsNullOrEmpty(address) && !address.StartsWith('/') && !address.StartsWith("${", StringComparison.Ordinal) && !address.StartsWith("https://", StringComparison.Ordinal);

    private static bool BadRedirect(string address) => Bad(address) || address.Contains('*', StringComparison.Ordinal);
}

/// <summary>Redirect URIs of the kinds that are allowed.</summary>
internal sealed class RedirectUrisExecutor() : PolicyExecutor("secure-redirect-uris-enforcer")
{
    private static readonly ProtocolError s_invalid = Request("Invalid Redirect Uri: invalid uri");

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        // Clients that never redirect need none.
        var client = occasion.Client;
        if (client.StandardFlowEnabled is not true && client.ImplicitFlowEnabled is not true)
        {
            return null;
        }

        return client.RedirectUris is not { Count: > 0 } ? Request("Invalid Redirect Uri: no redirect uri")
            : client.RedirectUris.TrueForAll(address => Allows(Resolve(client, address), settings)) ? null : s_invalid;
    }

    private static string Resolve(ClientRepresentation client, string address) => address.StartsWith('/') ? client.RootUrl?.TrimEnd('/') + address : address;

    private static bool Allows(string address, PolicySettings settings)
    {
        if (address == "*")
        {
            return settings.Flag("allow-open-redirect");
        }

        var wildcard = address.Contains('*', StringComparison.Ordinal);
        if (address.Contains('#', StringComparison.Ordinal) || !Uri.TryCreate(address.TrimEnd('*'), UriKind.Absolute, out var uri)
            || (wildcard && !(settings.Flag("allow-wildcard-context-path") && address.IndexOf('*', StringComparison.Ordinal) == address.Length - 1)))
        {
            return false;
        }

        if (uri.Scheme is not ("http" or "https"))
        {
            // RFC 8252 §7.1: a scheme of one's own is a domain name backwards.
            return settings.Flag("allow-private-use-uri-scheme") && uri.Scheme.Contains('.', StringComparison.Ordinal);
        }

        if (uri.Host is "127.0.0.1" && uri.Scheme == "http")
        {
            return settings.Flag("allow-ipv4-loopback-address");
        }

        if (uri.Host is "[::1]" && uri.Scheme == "http")
        {
            return settings.Flag("allow-ipv6-loopback-address");
        }

        var domains = settings.Texts("allow-permitted-domains");
        return (uri.Scheme == "https" || settings.Flag("allow-http-scheme"))
            && (domains.Count == 0 || domains.Any(d => Patterns.Read(d)?.IsMatch(uri.Host) == true));
    }
}

/// <summary>Signatures by one of the algorithms that FAPI allows.</summary>
internal sealed class SignatureAlgorithmExecutor() : PolicyExecutor("secure-signature-algorithm")
{
    internal static readonly string[] Allowed = ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    // Attributes that hold an algorithm, and the name of each in sentences.
    private static readonly (string Attribute, bool Filled)[] s_attributes =
    [
        ("user.info.response.signature.alg", false), ("request.object.signature.alg", true), ("id.token.signed.response.alg", true),
        ("token.endpoint.auth.signing.alg", true), ("access.token.signed.response.alg", true),
    ];

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        var usual = settings.Text("default-algorithm") is { } given && Allowed.Contains(given) ? given : Allowed[0];
        var attributes = occasion.Client.Attributes ??= [];
        foreach (var (attribute, filled) in s_attributes)
        {
            if (string.IsNullOrEmpty(attributes.GetValueOrDefault(attribute)) && filled)
            {
                attributes[attribute] = usual;
            }
            else if (attributes.GetValueOrDefault(attribute) is { Length: > 0 } chosen && chosen != "any" && !Allowed.Contains(chosen))
            {
                return new("invalid_request", "not allowed signature algorithm.");
            }
        }

        return null;
    }
}

/// <summary>No logout through the browser.</summary>
internal sealed class LogoutExecutor() : PolicyExecutor("secure-logout")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings) =>
        occasion.Client.FrontchannelLogout is true && !settings.Flag("allow-front-channel-logout") ? new("invalid_registration", "Front-channel logout is not allowed for this client") : null;
}
