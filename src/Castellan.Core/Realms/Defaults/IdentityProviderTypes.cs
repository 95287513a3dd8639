using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>What the kinds of identity provider are good for, as their representations say in <c>types</c>.</summary>
public static class IdentityProviderTypes
{
    private const string SignIn = "USER_AUTHENTICATION", Assertion = "CLIENT_ASSERTION", Exchange = "EXCHANGE_EXTERNAL_TOKEN", Grant = "JWT_AUTHORIZATION_GRANT";

    /// <summary>The issuer of Google's tokens: no other is taken for it.</summary>
    public const string Google = "https://accounts.google.com";

    /// <summary>The kind that stands for a Kubernetes cluster.</summary>
    public const string Cluster = "kubernetes";

    /// <summary>The issuer that a cluster has where nobody chose another.</summary>
    public const string UsualCluster = "https://kubernetes.default.svc.cluster.local";

    /// <summary>Every kind that there is.</summary>
    public static IReadOnlySet<string?> All { get; } = new HashSet<string?>(
    [
        "oidc", "keycloak-oidc", "saml", "oauth2", Cluster, "jwt-authorization-grant", "bitbucket", "facebook", "github", "gitlab", "google",
        "linkedin-openid-connect", "microsoft", "openshift-v4", "paypal", "stackoverflow", "twitter",
    ]);

    /// <summary>The uses of a provider of this kind; none for the public services.</summary>
    public static string[] Of(string? providerId) => providerId switch
    {
        "oidc" or "keycloak-oidc" => [SignIn, Assertion, "TRUST_MATERIAL", Exchange, Grant],
        "oauth2" => [SignIn, Exchange],
        "saml" => [SignIn],
        Cluster => [Assertion],
        "jwt-authorization-grant" => [Grant],
        _ => [],
    };

    /// <summary>
    /// Puts what was said in the way of before 26 where it stands today, leaves out settings that are empty, and fills in what providers of a kind have by
    /// themselves: a service of the public its issuer, a cluster the usual one and no button.
    /// </summary>
    public static void Complete(IdentityProviderRepresentation provider)
    {
        var given = provider.Config ?? [];
        if (given.Remove("hideOnLoginPage", out var hidden))
        {
            provider.HideOnLogin = "true".Equals(hidden, StringComparison.OrdinalIgnoreCase);
        }

        var settings = provider.Config = given.Where(s => !string.IsNullOrEmpty(s.Value)).ToDictionary(StringComparer.Ordinal);
        switch (provider.ProviderId)
        {
            case "google":
                settings.TryAdd("issuer", Google);
                break;
            case Cluster:
                provider.HideOnLogin = true;
                settings.TryAdd("issuer", UsualCluster);
                break;
        }
    }
}
