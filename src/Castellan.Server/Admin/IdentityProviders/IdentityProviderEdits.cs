using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.IdentityProviders;

/// <summary>What an identity provider must keep to, how it is stored, and how it is shown.</summary>
internal static class IdentityProviderEdits
{
    // Setting, its name in sentences.
    private static readonly (string Setting, string Name)[] s_urls =
    [
        ("authorizationUrl", "authorization_url"), ("tokenUrl", "token_url"), ("userInfoUrl", "userinfo_url"), ("logoutUrl", "logout_url"), ("jwksUrl", "jwks_url"),
        ("tokenIntrospectionUrl", "tokenIntrospection_url"), ("singleSignOnServiceUrl", "singleSignOn_url"), ("singleLogoutServiceUrl", "singleLogout_url"),
        ("metadataDescriptorUrl", "metadata_url"), ("artifactResolutionServiceUrl", "artifactResolution_url"),
    ];

    public static AdminAnswer? Refuse(Realm realm, IdentityProviderRepresentation given)
    {
        if (ProviderKind.Find(given.ProviderId) is not { } kind)
        {
            return AdminAnswer.Message(400, $"Invalid identity provider id [{given.ProviderId ?? "null"}]");
        }

        if (given.Alias is not { Length: > 0 } alias)
        {
            return AdminAnswer.Message(400, "path is null");
        }

        if (alias.Contains(' ', StringComparison.Ordinal))
        {
            return AdminAnswer.Error(400, "Empty Space not allowed.");
        }

        var bad = alias.AsSpan().IndexOfAny(s_notInAlias);
        if (bad >= 0)
        {
            return AdminAnswer.Error(400, $"Character '{alias[bad]}' not allowed.");
        }

        foreach (var flow in (string?[])[given.FirstBrokerLoginFlowAlias, given.PostBrokerLoginFlowAlias])
        {
            if (!string.IsNullOrEmpty(flow) && realm.Data.Flows.All(f => f.Alias != flow))
            {
                return AdminAnswer.Message(400, $"No available authentication flow with alias: {flow}");
            }
        }

        foreach (var (setting, name) in s_urls)
        {
            if (given.Config?.GetValueOrDefault(setting) is { Length: > 0 } url && RefuseUrl(realm, url, name) is { } sentence)
            {
                return AdminAnswer.Message(400, sentence);
            }
        }

        return kind.Id == "oauth2" && string.IsNullOrEmpty(given.Config?.GetValueOrDefault("userInfoUrl")) ? AdminAnswer.Message(400, "User Info URL not provided") : null;
    }

    /// <summary>The provider as it is stored: empty settings are left out, stars stand for the secret that is there.</summary>
    public static IdentityProviderRepresentation Document(IdentityProviderRepresentation given, IdentityProviderRepresentation? existing)
    {
        var stored = given.Copy(AdminJson.Default.IdentityProviderRepresentation);
        stored.Enabled ??= true;
        (stored.Types, stored.UpdateProfileFirstLoginMode) = (null, null);
        stored.Config = [];
        foreach (var (name, value) in given.Config ?? [])
        {
            var kept = value == Masks.Secret ? existing?.Config?.GetValueOrDefault(name) : value;
            if (!string.IsNullOrEmpty(kept))
            {
                stored.Config[name] = kept;
            }
        }

        return stored;
    }

    public static IdentityProviderRepresentation Show(IdentityProviderRepresentation provider)
    {
        var shown = Masked(provider);
        shown.Types = [.. IdentityProviderTypes.Of(provider.ProviderId)];
        shown.Config ??= [];
        return shown;
    }

    public static IdentityProviderRepresentation ShowBrief(IdentityProviderRepresentation provider) => new()
    {
        Alias = provider.Alias, DisplayName = provider.DisplayName, InternalId = provider.InternalId, ProviderId = provider.ProviderId,
        Enabled = provider.Enabled, OrganizationId = provider.OrganizationId, Config = [],
    };

    public static IdentityProviderRepresentation Masked(IdentityProviderRepresentation provider)
    {
        var shown = provider.Copy(AdminJson.Default.IdentityProviderRepresentation);
        if (shown.Config?.ContainsKey("clientSecret") is true)
        {
            shown.Config["clientSecret"] = Masks.Secret;
        }

        return shown;
    }

    private static string? RefuseUrl(Realm realm, string url, string name)
    {
        var scheme = url.Split("://", 2);
        if (scheme.Length < 2)
        {
            return $"The url [{name}] is malformed";
        }

        if (!scheme[0].Equals("http", StringComparison.OrdinalIgnoreCase) && !scheme[0].Equals("https", StringComparison.OrdinalIgnoreCase))
        {
            return $"Invalid protocol/scheme for url [{name}]";
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            return $"The url [{name}] is malformed";
        }

        var secure = realm.Settings.SslRequired switch { "none" => false, "all" => true, _ => !IsPrivate(uri.Host) };
        return secure && uri.Scheme != "https" ? $"The url [{name}] requires secure connections" : null;
    }

    private static bool IsPrivate(string host) =>
        host is "localhost" || (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && (System.Net.IPAddress.IsLoopback(address) || address.IsIPv6SiteLocal || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal
                || address.GetAddressBytes() is [10, ..] or [192, 168, ..] or [169, 254, ..] or [172, >= 16 and <= 31, ..]));

    private static readonly System.Buffers.SearchValues<char> s_notInAlias = System.Buffers.SearchValues.Create("/;#?&\\:=+,[]@!*()$%<>\"'");
}
