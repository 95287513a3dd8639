namespace Castellan.Server.Admin.IdentityProviders;

/// <summary>The kinds of identity provider, what each may be used for, and which mappers go with it.</summary>
internal sealed record ProviderKind(string Id, string Name, string[] Types)
{
    private static readonly string[] s_signIn = ["USER_AUTHENTICATION"];
    private static readonly string[] s_exchange = ["USER_AUTHENTICATION", "EXCHANGE_EXTERNAL_TOKEN"];
    private static readonly string[] s_grant = ["USER_AUTHENTICATION", "JWT_AUTHORIZATION_GRANT"];
    private static readonly string[] s_full = ["USER_AUTHENTICATION", "CLIENT_ASSERTION", "EXCHANGE_EXTERNAL_TOKEN", "JWT_AUTHORIZATION_GRANT", "TRUST_MATERIAL"];

    private static readonly Dictionary<string, ProviderKind> s_all = new ProviderKind[]
    {
        new("oidc", "OpenID Connect v1.0", s_full),
        new("keycloak-oidc", "Keycloak OpenID Connect", s_full),
        new("saml", "SAML v2.0", s_signIn),
        new("oauth2", "OAuth v2", s_exchange) { Required = ("userInfoUrl", "User Info URL not provided") },
        new("kubernetes", "Kubernetes", ["CLIENT_ASSERTION"]),
        new("jwt-authorization-grant", "JWT Authorization Grant", ["JWT_AUTHORIZATION_GRANT"]) { Required = ("issuer", "Issuer is required") },
        new("bitbucket", "BitBucket", s_signIn),
        new("facebook", "Facebook", s_signIn),
        new("github", "GitHub", s_signIn),
        new("gitlab", "GitLab", s_grant),
        new("google", "Google", s_grant),
        new("linkedin-openid-connect", "LinkedIn", s_grant),
        new("microsoft", "Microsoft", s_signIn),
        new("openshift-v4", "Openshift v4", s_signIn),
        new("paypal", "PayPal", s_signIn),
        new("stackoverflow", "StackOverflow", s_signIn),
        new("twitter", "Twitter", s_signIn),
    }.ToDictionary(k => k.Id, StringComparer.Ordinal);

    /// <summary>A setting that providers of this kind cannot be without, and the sentence that says so.</summary>
    public (string Setting, string Sentence)? Required { get; init; }

    public static ProviderKind? Find(string? id) => id is null ? null : s_all.GetValueOrDefault(id);

    public bool IsOidc => Id is "oidc" or "keycloak-oidc";

    /// <summary>Whether a mapper may be used with providers of this kind.</summary>
    public bool Takes(MapperKind mapper) => mapper.For switch
    {
        "*" => true,
        "oidc" => IsOidc,
        "names" => IsOidc || Id is not ("saml" or "oauth2" or "kubernetes" or "jwt-authorization-grant"),
        _ => mapper.For == Id || (mapper.For == "linkedin" && Id == "linkedin-openid-connect"),
    };
}

/// <summary>A kind of mapper: its name, where it is listed, and for which providers it is.</summary>
internal sealed record MapperKind(string Id, string Name, string Category, string For)
{
    private const string Attributes = "Attribute Importer";
    private const string RoleImporter = "Role Importer";
    private const string GroupImporter = "Group Importer";

    public static IReadOnlyList<MapperKind> All { get; } =
    [
        new("hardcoded-attribute-idp-mapper", "Hardcoded Attribute", Attributes, "*"),
        new("hardcoded-user-session-attribute-idp-mapper", "Hardcoded User Session Attribute", Attributes, "*"),
        new("oidc-hardcoded-group-idp-mapper", "Hardcoded Group", GroupImporter, "*"),
        new("oidc-hardcoded-role-idp-mapper", "Hardcoded Role", RoleImporter, "*"),
        new("oidc-advanced-group-idp-mapper", "Advanced Claim to Group", GroupImporter, "oidc"),
        new("oidc-advanced-role-idp-mapper", "Advanced Claim to Role", RoleImporter, "oidc"),
        new("oidc-role-idp-mapper", "Claim to Role", RoleImporter, "oidc"),
        new("oidc-user-attribute-idp-mapper", "Attribute Importer", Attributes, "oidc"),
        new("oidc-user-session-note-idp-mapper", "User Session Note Mapper", "User Session", "oidc"),
        new("oidc-username-idp-mapper", "Username Template Importer", "Preprocessor", "names"),
        new("keycloak-oidc-role-to-role-idp-mapper", "External Role to Role", RoleImporter, "keycloak-oidc"),
        new("saml-advanced-group-idp-mapper", "Advanced Attribute to Group", GroupImporter, "saml"),
        new("saml-advanced-role-idp-mapper", "Advanced Attribute to Role", RoleImporter, "saml"),
        new("saml-role-idp-mapper", "SAML Attribute to Role", "Role Mapper", "saml"),
        new("saml-user-attribute-idp-mapper", "Attribute Importer", Attributes, "saml"),
        new("saml-username-idp-mapper", "Username Template Importer", "Preprocessor", "saml"),
        new("saml-xpath-attribute-idp-mapper", "XPath Attribute Importer", Attributes, "saml"),
        .. new[] { "facebook", "github", "google", "linkedin", "microsoft", "openshift-v4", "paypal", "stackoverflow" }
            .Select(social => new MapperKind(social + "-user-attribute-mapper", "Attribute Importer", Attributes, social)),
    ];
}
