using System.Globalization;
using Castellan.Core.Ciba;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Clients;

/// <summary>What a client's settings must keep to, in Keycloak's words.</summary>
public static class ClientValidation
{
    private static readonly string[] s_illegalSchemes = ["javascript", "data", "vbscript"];

    // Attribute, name in sentences.
    private static readonly (string Attribute, string Name)[] s_urls =
    [
        ("policyUri", "Policy URL"), ("tosUri", "Terms of service URL"),
    ];

    // Addresses that stand for the server's own.
    private static readonly string[] s_own = ["${authBaseUrl}", "${authAdminUrl}"];

    // Schemes of addresses that can be gone to.
    private static readonly string[] s_locators = ["http", "https", "ftp", "file", "jar", "mailto"];

    /// <summary>Everything that is wrong, as one sentence; null when nothing is.</summary>
    public static string? Refuse(ClientRepresentation client, Realm realm)
    {
        var errors = Problems(client, realm.Settings);
        CheckLevels(errors, client, ownMap => Levels.Known(realm, ownMap));
        return Sentence(errors);
    }

    /// <summary>The same for a client of a realm that is just being made.</summary>
    /// <param name="levels">The levels that its browser flow will have; null where that is not known.</param>
    public static string? Refuse(ClientRepresentation client, RealmRepresentation realm, Func<IEnumerable<int>>? levels = null)
    {
        var errors = Problems(client, realm);
        if (levels is not null)
        {
            CheckLevels(errors, client, ownMap => Levels.Known(ownMap, realm.Attributes?.GetValueOrDefault("acr.loa.map"), levels()));
        }

        return Sentence(errors);
    }

    private static string? Sentence(SortedSet<string> errors) => errors.Count == 0 ? null : string.Join("; ", errors);

    private static SortedSet<string> Problems(ClientRepresentation client, RealmRepresentation realm)
    {
        if (client.Protocol is not (null or "openid-connect" or "saml" or "docker-v2" or "oid4vc"))
        {
            return ["Invalid protocol: " + client.Protocol];
        }

        var errors = new SortedSet<string>(StringComparer.Ordinal);
        if (client.ClientId is { } id && string.IsNullOrWhiteSpace(id))
        {
            errors.Add("Client ID cannot be blank");
        }

        if (!s_own.Contains(client.RootUrl))
        {
            CheckUrl(errors, client.RootUrl, "Root URL", fragment: true);
        }

        CheckUrl(errors, OnServer(client.BaseUrl), "Base URL", fragment: false);
        CheckUrl(errors, OnServer(Filled(client.Attributes?.GetValueOrDefault("backchannel.logout.url"))), "Backchannel logout URL", fragment: false);
        CheckLogo(errors, client.Attributes?.GetValueOrDefault("logoUri"));
        foreach (var (attribute, name) in s_urls)
        {
            CheckUrl(errors, client.Attributes?.GetValueOrDefault(attribute), name, fragment: false);
        }

        if (IsOn(client, "use.jwks.url") && IsOn(client, "use.jwks.string"))
        {
            errors.Add("Illegal to use both jwks_uri and jwks_string");
        }

        if (client.Protocol == Login.Protocols.SignInProtocols.Saml)
        {
            CheckUrl(errors, client.AdminUrl, "Master SAML Processing URL", fragment: false);
            foreach (var (attribute, name) in ProviderAttributes.All)
            {
                CheckUrl(errors, client.Attributes?.GetValueOrDefault(attribute), name, fragment: false);
            }
        }

        foreach (var redirect in client.RedirectUris ?? [])
        {
            CheckRedirect(errors, redirect);
        }

        CheckCiba(errors, client, realm);
        CheckLifetime("client.session.idle.timeout", realm.SsoSessionIdleTimeout, realm.SsoSessionIdleTimeoutRememberMe, "Client session idle timeout cannot exceed realm SSO session idle timeout", " and RememberMe idle timeout");
        CheckLifetime("client.session.max.lifespan", realm.SsoSessionMaxLifespan, realm.SsoSessionMaxLifespanRememberMe, "Client session max lifespan cannot exceed realm SSO session max lifespan", " and RememberMe Max span");
        return errors;

        void CheckLifetime(string attribute, int? limit, int? remembered, string sentence, string more)
        {
            if (int.TryParse(client.Attributes?.GetValueOrDefault(attribute), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                && limit is { } max && value > Math.Max(max, realm.RememberMe is true ? remembered ?? 0 : 0))
            {
                errors.Add($"{sentence}{(realm.RememberMe is true ? more : "")}.");
            }
        }
    }

    private static bool IsOn(ClientRepresentation client, string attribute) => string.Equals(client.Attributes?.GetValueOrDefault(attribute), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Levels that a client demands have to be levels: of the names that it or the realm gives them, or with a condition in the flow.</summary>
    private static void CheckLevels(SortedSet<string> errors, ClientRepresentation client, Func<string?, IReadOnlySet<string>> knownBy)
    {
        var (usual, least) = (client.Attributes?.GetValueOrDefault("default.acr.values"), client.Attributes?.GetValueOrDefault("minimum.acr.value"));
        if (string.IsNullOrEmpty(usual) && string.IsNullOrEmpty(least))
        {
            return;
        }

        var known = knownBy(client.Attributes?.GetValueOrDefault("acr.loa.map"));
        if (usual?.Split("##", StringSplitOptions.RemoveEmptyEntries).All(known.Contains) is false)
        {
            errors.Add("Default ACR values need to contain values specified in the ACR-To-Loa mapping or number levels from set realm browser flow");
        }

        if (!string.IsNullOrEmpty(least) && !known.Contains(least))
        {
            errors.Add("Minimum ACR value needs to be value specified in the ACR-To-Loa mapping or number level from set realm browser flow");
        }
    }

    /// <summary>A picture may stand in its address itself, and may be one beside the page.</summary>
    private static void CheckLogo(SortedSet<string> errors, string? url)
    {
        if (url is { Length: > 0 } && (Scheme(url) is "javascript" or "vbscript" || (Scheme(url) is "data" && !Consents.IsPicture(url))))
        {
            errors.Add("Logo URL uses an illegal scheme");
        }
        else if (url?.AsSpan().IndexOfAny(s_noUri) >= 0)
        {
            errors.Add("Logo URL is not a valid URL");
        }
    }

    /// <summary>OpenID CIBA Core 1.0 §4: the modes that there are, and where a client is told that waits for it.</summary>
    private static void CheckCiba(SortedSet<string> errors, ClientRepresentation client, RealmRepresentation realm)
    {
        var endpoint = client.Attributes?.GetValueOrDefault(CibaPolicy.NotificationEndpoint);
        var own = client.Attributes?.GetValueOrDefault(CibaPolicy.ModeOfClient) is { Length: > 0 } set ? set : null;
        var mode = own ?? (realm.Attributes?.GetValueOrDefault("cibaBackchannelTokenDeliveryMode") is { Length: > 0 } usual ? usual : CibaPolicy.Poll);
        if (mode is not (CibaPolicy.Poll or CibaPolicy.Ping))
        {
            errors.Add("Unsupported requested CIBA Backchannel Token Delivery Mode");
        }

        // Where the realm has the mode for all, clients that ask nobody need no address.
        if (mode == CibaPolicy.Ping && string.IsNullOrEmpty(endpoint) && (own is not null || client.Attributes?.GetValueOrDefault(CibaPolicy.Switch) == "true"))
        {
            errors.Add("CIBA Backchannel Client Notification Endpoint must be set for the CIBA ping mode");
        }

        if (!string.IsNullOrEmpty(endpoint) && ProviderUrls.Problem(realm.SslRequired?.ToLowerInvariant(), endpoint, "backchannel_client_notification_endpoint") is { } problem)
        {
            errors.Add(problem);
        }

        if (client.Attributes?.GetValueOrDefault(CibaPolicy.SigningAlgorithm) is { Length: > 0 } algorithm && algorithm != "none"
            && SignatureAlgorithm.Find(algorithm) is not { IsSymmetric: false })
        {
            errors.Add("Unsupported requested CIBA Backchannel Authentication Request Signing Algorithm");
        }
    }

    /// <summary>An address that may be told as a path of this server; which server does not matter here.</summary>
    private static string? OnServer(string? url) => url?.StartsWith('/') is true ? "https://localhost" + url : url;

    /// <summary>The address with something in each of its places: sign-offs may be told by a pattern such as <c>https://{tenant}/out</c>.</summary>
    private static string? Filled(string? pattern)
    {
        var open = 0;
        foreach (var c in pattern ?? "")
        {
            open += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (open < 0)
            {
                return pattern;
            }
        }

        return open == 0 ? pattern?.Replace('{', 'x').Replace('}', 'x') : pattern;
    }

    /// <summary>An address that can be gone to as it stands.</summary>
    private static void CheckUrl(SortedSet<string> errors, string? url, string name, bool fragment)
    {
        if (string.IsNullOrEmpty(url))
        {
            return;
        }

        var scheme = Scheme(url);
        if (scheme is not null && s_illegalSchemes.Contains(scheme))
        {
            errors.Add(name + " uses an illegal scheme");
        }
        else if (fragment && url.Contains('#', StringComparison.Ordinal))
        {
            errors.Add(name + " must not contain an URL fragment");
        }
        else if (scheme is null || !s_locators.Contains(scheme) || url.AsSpan().IndexOfAny(s_noUri) >= 0 || url.EndsWith(':') || url.EndsWith("://", StringComparison.Ordinal))
        {
            errors.Add(name + " is not a valid URL");
        }
    }

    private static void CheckRedirect(SortedSet<string> errors, string redirect)
    {
        if (Scheme(redirect) is { } scheme && s_illegalSchemes.Contains(scheme))
        {
            errors.Add("A redirect URI uses an illegal scheme");
        }

        if (redirect.Contains('#', StringComparison.Ordinal))
        {
            errors.Add("A redirect URI must not contain an URL fragment");
        }
        else if (redirect.AsSpan().IndexOfAny(s_noUri) >= 0)
        {
            errors.Add("A redirect URI is not a valid URI");
        }
    }

    /// <summary>The scheme in lower case (RFC 3986 §3.1), or null where there is none.</summary>
    private static string? Scheme(string url)
    {
        var end = url.IndexOf(':', StringComparison.Ordinal);
        return end > 0 && char.IsAsciiLetter(url[0]) && url.AsSpan(0, end).IndexOfAnyExcept(s_schemeCharacters) < 0 ? url[..end].ToLowerInvariant() : null;
    }

    // RFC 3986 §2: characters that no URI has.
    private static readonly System.Buffers.SearchValues<char> s_noUri = System.Buffers.SearchValues.Create(" <>\"{}|\\^`");

    private static readonly System.Buffers.SearchValues<char> s_schemeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
}
