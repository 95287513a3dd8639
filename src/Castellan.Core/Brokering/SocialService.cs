using Castellan.Core.Brokering.Services;

namespace Castellan.Core.Brokering;

/// <summary>
/// A service of the public that people have accounts at: where it is, what is asked of it, and how it names what it knows. Addresses are the services' own
/// documented ones; a setting of the provider may replace the host where the service can be run by oneself.
/// </summary>
public sealed record SocialService(string Id, string Name, string Authorization, string Token, string UserInfo, string Scope)
{
    private static readonly Dictionary<string, SocialService> s_all = new SocialService[]
    {
        new("google", "Google", "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token", "https://openidconnect.googleapis.com/v1/userinfo", "openid profile email")
        {
            HasIdToken = true, UsesNonce = true, Issuer = "https://accounts.google.com", JwksUrl = "https://www.googleapis.com/oauth2/v3/certs",
        },
        new("github", "GitHub", "https://github.com/login/oauth/authorize", "https://github.com/login/oauth/access_token", "https://api.github.com/user", "user:email")
        {
            Fields = new("id", "login") { FullName = "name", Emails = "/emails" }, Host = "https://github.com", Api = "https://api.github.com",
        },
        new("facebook", "Facebook", "https://graph.facebook.com/oauth/authorize", "https://graph.facebook.com/oauth/access_token",
            "https://graph.facebook.com/me?fields=id,name,email,first_name,last_name", "email")
        {
            Fields = new("id", "username") { FirstName = "first_name", LastName = "last_name" },
        },
        new("microsoft", "Microsoft", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize", "https://login.microsoftonline.com/common/oauth2/v2.0/token",
            "https://graph.microsoft.com/v1.0/me/", "User.read")
        {
            Fields = new("id", "mail") { FirstName = "givenName", LastName = "surname", Email = "mail", OtherEmail = "userPrincipalName" },
        },
        new("gitlab", "GitLab", "https://gitlab.com/oauth/authorize", "https://gitlab.com/oauth/token", "https://gitlab.com/api/v4/user", "openid read_user")
        {
            HasIdToken = true, UsesNonce = true, Issuer = "https://gitlab.com", JwksUrl = "https://gitlab.com/oauth/discovery/keys", Fields = new("id", "username") { FullName = "name" },
        },
        new("linkedin-openid-connect", "LinkedIn", "https://www.linkedin.com/oauth/v2/authorization", "https://www.linkedin.com/oauth/v2/accessToken",
            "https://api.linkedin.com/v2/userinfo", "openid profile email")
        {
            HasIdToken = true, Issuer = "https://www.linkedin.com/oauth", JwksUrl = "https://www.linkedin.com/oauth/openid/jwks",
        },
        new("bitbucket", "BitBucket", "https://bitbucket.org/site/oauth2/authorize", "https://bitbucket.org/site/oauth2/access_token", "https://api.bitbucket.org/2.0/user", "account")
        {
            Fields = new("account_id", "username") { FullName = "display_name", Emails = "/emails" },
        },
        new("paypal", "PayPal", "https://www.paypal.com/signin/authorize", "https://api.paypal.com/v1/oauth2/token",
            "https://api.paypal.com/v1/identity/oauth2/userinfo?schema=paypalv1.1", "openid profile email")
        {
            Fields = new("user_id", "email") { FullName = "name", Emails = "emails" }, Basic = true,
        },
        new("stackoverflow", "StackOverflow", "https://stackexchange.com/oauth", "https://stackexchange.com/oauth/access_token/json",
            "https://api.stackexchange.com/2.2/me?order=desc&sort=name&site=stackoverflow", "")
        {
            Fields = new("user_id", "display_name") { FullName = "display_name", Items = "items", Page = "link", IsEscaped = true }, TokenInQuery = true,
        },
        Twitter.Service,
        OpenShift.Service,
    }.ToDictionary(s => s.Id, StringComparer.Ordinal);

    public bool HasIdToken { get; init; }

    public bool UsesNonce { get; init; }

    public string? Issuer { get; init; }

    public string? JwksUrl { get; init; }

    /// <summary>How its answer names things; those of OpenID Connect when null.</summary>
    public SocialFields? Fields { get; init; }

    /// <summary>What <c>baseUrl</c> and <c>apiUrl</c> of a provider replace.</summary>
    public string? Host { get; init; }

    public string? Api { get; init; }

    /// <summary>The token endpoint wants the client's secret in a header.</summary>
    public bool Basic { get; init; }

    /// <summary>What the answer carries in the place of OAuth 2.0's <c>code</c>.</summary>
    public string CodeParameter { get; init; } = "code";

    /// <summary>What the answer carries when the person declined, in the place of <c>error</c>.</summary>
    public string? DeniedParameter { get; init; }

    /// <summary>The access token goes with the address, together with the application's <c>key</c>.</summary>
    public bool TokenInQuery { get; init; }

    public static SocialService? Find(string? id) => id is null ? null : s_all.GetValueOrDefault(id);

    public string? AuthorizationUrl(IdentityProvider provider) => Located(provider, Authorization);

    public string? TokenUrl(IdentityProvider provider) => Located(provider, Token);

    public string? UserInfoUrl(IdentityProvider provider)
    {
        var url = Located(provider, UserInfo);
        return Id == "facebook" && provider.Setting("fetchedFields") is { } more ? $"{url},{string.Concat(more.Where(c => !char.IsWhiteSpace(c)))}" : url;
    }

    private string? Located(IdentityProvider provider, string url)
    {
        if (url.Length == 0)
        {
            return null;
        }

        if (Host is { } host && provider.Setting("baseUrl") is { } own && url.StartsWith(host, StringComparison.Ordinal))
        {
            return own.TrimEnd('/') + url[host.Length..];
        }

        if (Api is { } api && provider.Setting("apiUrl") is { } ownApi && url.StartsWith(api, StringComparison.Ordinal))
        {
            return ownApi.TrimEnd('/') + url[api.Length..];
        }

        return Id switch
        {
            "microsoft" when provider.Setting("tenantId") is { } tenant => url.Replace("/common/", $"/{Uri.EscapeDataString(tenant.Trim())}/", StringComparison.Ordinal),
            "paypal" when provider.Flag("sandbox") => url.Replace(".paypal.com", ".sandbox.paypal.com", StringComparison.Ordinal),
            _ => url,
        };
    }
}

/// <summary>Where a service's answer has what is needed.</summary>
/// <param name="Id">What never changes about the account.</param>
public sealed record SocialFields(string Id, string Username)
{
    public string? FirstName { get; init; }

    public string? LastName { get; init; }

    public string? FullName { get; init; }

    public string Email { get; init; } = "email";

    /// <summary>What may be an address, too, where there is no other.</summary>
    public string? OtherEmail { get; init; }

    /// <summary>Where addresses are listed: a path below the person (with a slash), or a member.</summary>
    public string? Emails { get; init; }

    /// <summary>The only account without an id: its name stands for it.</summary>
    public string? WithoutId { get; init; }

    /// <summary>The address of the person's page, where the third part of the path is their name.</summary>
    public string? Page { get; init; }

    /// <summary>Names are written as they stand in a page of HTML.</summary>
    public bool IsEscaped { get; init; }

    /// <summary>The member that holds a list with the person as its only item.</summary>
    public string? Items { get; init; }
}
