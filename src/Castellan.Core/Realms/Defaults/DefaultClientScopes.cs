using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>The client scopes of a new realm with their mappers, as Keycloak 26.7 makes them.</summary>
public static class DefaultClientScopes
{
    private const string Oidc = "openid-connect";
    private const string Saml = "saml";

    /// <summary>Scopes that every new client gets, in the order in which Keycloak lists them.</summary>
    public static readonly string[] Default =
        ["role_list", "saml_organization", "AuthnContextClassRef", "profile", "email", "roles", "web-origins", "acr", "basic"];

    /// <summary>Scopes that a request to a new client may name.</summary>
    public static readonly string[] Optional = ["offline_access", "address", "phone", "microprofile-jwt", "organization"];

    /// <summary>The scope that clients with a service account get beside their own list.</summary>
    public const string ServiceAccount = "service_account";

    /// <summary>All scopes anew, with ids of their own.</summary>
    public static List<ClientScopeRepresentation> Make() =>
    [
        OfflineAccess(),
        Scope("role_list", "SAML role list", Saml, consent: "${samlRoleListScopeConsentText}", inToken: null,
            Mapper("role list", "saml-role-list-mapper", Saml, ("single", "false"), ("attribute.nameformat", "Basic"), ("attribute.name", "Role"))),
        Scope("saml_organization", "Organization Membership", Saml, consent: null, inToken: null, Mapper("organization", "saml-organization-membership-mapper", Saml)),
        Bare("AuthnContextClassRef", "AuthnContextClassRef Level of Authentiation", Saml,
            Mapper("AuthnContextClassRef", "saml-authn-context-class-ref-mapper", Saml)),
        Scope("profile", "OpenID Connect built-in scope: profile", Oidc, "${profileScopeConsentText}", true,
            Mapper("full name", "oidc-full-name-mapper", Oidc,
                ("id.token.claim", "true"), ("introspection.token.claim", "true"), ("access.token.claim", "true"), ("userinfo.token.claim", "true")),
            Attribute("family name", "lastName", "family_name"),
            Attribute("given name", "firstName", "given_name"),
            Attribute("middle name", "middleName", "middle_name"),
            Attribute("nickname", "nickname", "nickname"),
            Attribute("username", "username", "preferred_username"),
            Attribute("profile", "profile", "profile"),
            Attribute("picture", "picture", "picture"),
            Attribute("website", "website", "website"),
            Attribute("gender", "gender", "gender"),
            Attribute("birthdate", "birthdate", "birthdate"),
            Attribute("zoneinfo", "zoneinfo", "zoneinfo"),
            Attribute("locale", "locale", "locale"),
            Attribute("updated at", "updatedAt", "updated_at", "long")),
        Scope("email", "OpenID Connect built-in scope: email", Oidc, "${emailScopeConsentText}", true,
            Attribute("email", "email", "email"),
            Attribute("email verified", "emailVerified", "email_verified", "boolean", "oidc-usermodel-property-mapper")),
        Scope("address", "OpenID Connect built-in scope: address", Oidc, "${addressScopeConsentText}", true,
            Mapper("address", "oidc-address-mapper", Oidc,
                ("user.attribute.formatted", "formatted"), ("user.attribute.country", "country"), ("introspection.token.claim", "true"),
                ("user.attribute.postal_code", "postal_code"), ("userinfo.token.claim", "true"), ("user.attribute.street", "street"),
                ("id.token.claim", "true"), ("user.attribute.region", "region"), ("access.token.claim", "true"), ("user.attribute.locality", "locality"))),
        Scope("phone", "OpenID Connect built-in scope: phone", Oidc, "${phoneScopeConsentText}", true,
            Attribute("phone number", "phoneNumber", "phone_number"),
            Attribute("phone number verified", "phoneNumberVerified", "phone_number_verified", "boolean")),
        Scope("roles", "OpenID Connect scope for add user roles to the access token", Oidc, "${rolesScopeConsentText}", false,
            Roles("realm roles", "oidc-usermodel-realm-role-mapper", "realm_access.roles"),
            Roles("client roles", "oidc-usermodel-client-role-mapper", "resource_access.${client_id}.roles"),
            Mapper("audience resolve", "oidc-audience-resolve-mapper", Oidc, ("introspection.token.claim", "true"), ("access.token.claim", "true"))),
        WebOrigins(),
        Scope("microprofile-jwt", "Microprofile - JWT built-in scope", Oidc, null, true,
            Attribute("upn", "username", "upn"),
            Mapper("groups", "oidc-usermodel-realm-role-mapper", Oidc,
                ("introspection.token.claim", "true"), ("multivalued", "true"), ("user.attribute", "foo"), ("id.token.claim", "true"),
                ("access.token.claim", "true"), ("claim.name", "groups"), ("jsonType.label", "String"))),
        Scope("acr", "OpenID Connect scope for add acr (authentication context class reference) to the token", Oidc, null, false,
            Mapper("acr loa level", "oidc-acr-mapper", Oidc, ("id.token.claim", "true"), ("introspection.token.claim", "true"), ("access.token.claim", "true"))),
        Scope("basic", "OpenID Connect scope for add all basic claims to the token", Oidc, null, false,
            Note("auth_time", "AUTH_TIME", "auth_time", "long"),
            Mapper("sub", "oidc-sub-mapper", Oidc, ("introspection.token.claim", "true"), ("access.token.claim", "true"))),
        Scope(ServiceAccount, "Specific scope for a client enabled for service accounts", Oidc, null, false,
            Note("Client ID", "client_id", "client_id"),
            Note("Client Host", "clientHost", "clientHost"),
            Note("Client IP Address", "clientAddress", "clientAddress")),
        Scope("organization", "Additional claims about the organization a subject belongs to", Oidc, "${organizationScopeConsentText}", true,
            Mapper("organization", "oidc-organization-membership-mapper", Oidc,
                ("id.token.claim", "true"), ("introspection.token.claim", "true"), ("access.token.claim", "true"),
                ("claim.name", "organization"), ("jsonType.label", "String"), ("multivalued", "true"))),
    ];

    /// <summary>The scope that a realm has in any case.</summary>
    public static ClientScopeRepresentation OfflineAccess() => new()
    {
        Id = Ids.New(), Name = "offline_access", Description = "OpenID Connect built-in scope: offline_access", Protocol = Oidc,
        Attributes = new() { ["consent.screen.text"] = "${offlineAccessScopeConsentText}", ["display.on.consent.screen"] = "true" },
    };

    /// <summary>The mapper that tells a token's audiences from its roles; the account console has it of its own.</summary>
    public static ProtocolMapperRepresentation AudienceResolve() => Mapper("audience resolve", "oidc-audience-resolve-mapper", Oidc);

    /// <summary>A mapper from a user attribute to a claim in all tokens and answers.</summary>
    public static ProtocolMapperRepresentation Attribute(
        string name, string attribute, string claim, string type = "String", string mapper = "oidc-usermodel-attribute-mapper") => Mapper(name, mapper, Oidc,
            ("introspection.token.claim", "true"), ("userinfo.token.claim", "true"), ("user.attribute", attribute), ("id.token.claim", "true"),
            ("access.token.claim", "true"), ("claim.name", claim), ("jsonType.label", type));

    // This one scope has an empty consent text where its like have none.
    private static ClientScopeRepresentation WebOrigins()
    {
        var scope = Scope("web-origins", "OpenID Connect scope for add allowed web origins to the access token", Oidc, null, false,
            Mapper("allowed web origins", "oidc-allowed-origins-mapper", Oidc, ("introspection.token.claim", "true"), ("access.token.claim", "true")));
        scope.Attributes!["consent.screen.text"] = "";
        return scope;
    }

    private static ProtocolMapperRepresentation Roles(string name, string mapper, string claim) => Mapper(name, mapper, Oidc,
        ("user.attribute", "foo"), ("introspection.token.claim", "true"), ("access.token.claim", "true"), ("claim.name", claim),
        ("jsonType.label", "String"), ("multivalued", "true"));

    private static ProtocolMapperRepresentation Note(string name, string note, string claim, string type = "String") =>
        Mapper(name, "oidc-usersessionmodel-note-mapper", Oidc,
            ("user.session.note", note), ("id.token.claim", "true"), ("introspection.token.claim", "true"), ("access.token.claim", "true"),
            ("claim.name", claim), ("jsonType.label", type));

    private static ClientScopeRepresentation Scope(
        string name, string description, string protocol, string? consent, bool? inToken, params ProtocolMapperRepresentation[] mappers)
    {
        var scope = Bare(name, description, protocol, mappers);
        if (inToken is { } shown)
        {
            scope.Attributes!["include.in.token.scope"] = shown ? "true" : "false";
        }

        if (consent is not null)
        {
            scope.Attributes!["consent.screen.text"] = consent;
        }

        scope.Attributes!["display.on.consent.screen"] = consent is null ? "false" : "true";
        return scope;
    }

    private static ClientScopeRepresentation Bare(string name, string description, string protocol, params ProtocolMapperRepresentation[] mappers) => new()
    {
        Id = Ids.New(), Name = name, Description = description, Protocol = protocol, Attributes = [], ProtocolMappers = [.. mappers],
    };

    private static ProtocolMapperRepresentation Mapper(string name, string mapper, string protocol, params (string Key, string Value)[] config) => new()
    {
        Id = Ids.New(), Name = name, Protocol = protocol, ProtocolMapper = mapper, ConsentRequired = false,
        Config = config.ToDictionary(c => c.Key, c => (string?)c.Value),
    };
}
