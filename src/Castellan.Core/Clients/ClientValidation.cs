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

    // Schemes of addresses that can be gone to.
    private static readonly string[] s_locators = ["http", "https", "ftp", "file", "jar", "mailto"];

    /// <summary>Everything that is wrong, as one sentence; null when nothing is.</summary>
    public static string? Refuse(ClientRepresentation client, Realm realm)
    {
        var errors = Problems(client, realm.Settings);
        CheckLevels(errors, client, realm);
        return Sentence(errors);
    }

    /// <summary>The same for a client of a realm that is just being made: what flows it will have is not known yet.</summary>
    public static string? Refuse(ClientRepresentation client, RealmRepresentation realm) => Sentence(Problems(client, realm));

    private static string? Sentence(SortedSet<string> errors) => errors.Count == 0 ? null : string.Join("; ", errors);

    private static SortedSet<string> Problems(ClientRepresentation client, RealmRepresentation realm)
    {
        if (client.Protocol is not (null or "openid-connect" or "saml" or "docker-v2" or "oid4vc"))
        {
            return ["Invalid protocol: " + client.Protocol];
        }

        var errors = new SortedSet<string>(StringComparer.Ordinal);
        if (client.RootUrl is { Length: > 0 } root && !root.StartsWith("${", StringComparison.Ordinal))
        {
            CheckUrl(errors, root, "Root URL", fragment: true);
        }

        if (client.BaseUrl is { Length: > 0 } home && !IsRelative(home))
        {
            CheckUrl(errors, home, "Base URL", fragment: false);
        }

        if (client.Attributes?.GetValueOrDefault("backchannel.logout.url") is { Length: > 0 } told && !IsRelative(told))
        {
            CheckUrl(errors, told, "Backchannel logout URL", fragment: false);
        }

        CheckLogo(errors, client.Attributes?.GetValueOrDefault("logoUri"));
        foreach (var (attribute, name) in s_urls)
        {
            CheckLocator(errors, client.Attributes?.GetValueOrDefault(attribute), name);
        }

        if (IsOn(client, "use.jwks.url") && IsOn(client, "use.jwks.string"))
        {
            errors.Add("Illegal to use both jwks_uri and jwks_string");
        }

        if (client.Protocol == Login.Protocols.SignInProtocols.Saml)
        {
            CheckLocator(errors, client.AdminUrl, "Master SAML Processing URL");
            foreach (var (attribute, name) in ProviderAttributes.All)
            {
                CheckLocator(errors, client.Attributes?.GetValueOrDefault(attribute), name);
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
    private static void CheckLevels(SortedSet<string> errors, ClientRepresentation client, Realm realm)
    {
        var (usual, least) = (client.Attributes?.GetValueOrDefault("default.acr.values"), client.Attributes?.GetValueOrDefault("minimum.acr.value"));
        if (string.IsNullOrEmpty(usual) && string.IsNullOrEmpty(least))
        {
            return;
        }

        var known = Levels.Known(realm, client.Attributes?.GetValueOrDefault("acr.loa.map"));
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

    private static bool IsRelative(string url) => url.StartsWith('/') || url.StartsWith("${", StringComparison.Ordinal);

    private static void CheckUrl(SortedSet<string> errors, string url, string name, bool fragment)
    {
        var scheme = Scheme(url);
        if (scheme is not null && s_illegalSchemes.Contains(scheme))
        {
            errors.Add(name + " uses an illegal scheme");
        }
        else if (fragment && url.Contains('#', StringComparison.Ordinal))
        {
            errors.Add(name + " must not contain an URL fragment");
        }
        else if (scheme is null || !Uri.TryCreate(url.Replace("*", "x", StringComparison.Ordinal), UriKind.Absolute, out _))
        {
            errors.Add(name + " is not a valid URL");
        }
    }

    /// <summary>An address that is one as it stands: nothing is put in front of it.</summary>
    private static void CheckLocator(SortedSet<string> errors, string? url, string name)
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
        else if (scheme is null || !s_locators.Contains(scheme) || url.AsSpan().IndexOfAny(s_noUri) >= 0)
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
