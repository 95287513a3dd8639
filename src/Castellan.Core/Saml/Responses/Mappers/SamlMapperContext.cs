using Castellan.Core.Clients;
using Castellan.Core.Mappers;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Roles;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>What a mapper sees and changes.</summary>
internal sealed class SamlMapperContext
{
    public required Realm Realm { get; init; }

    public required Client Client { get; init; }

    public required User User { get; init; }

    public required UserSession Session { get; init; }

    /// <summary>The kind of name that the client gets.</summary>
    public required string NameIdFormat { get; init; }

    /// <summary>The roles that the client may hear of.</summary>
    public required IReadOnlyCollection<Role> Roles { get; init; }

    /// <summary>The organizations that the person belongs to, and the groups of those by the organization's id.</summary>
    public required IReadOnlyList<OrganizationRepresentation> Organizations { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<MemberGroup>> OrganizationGroups { get; init; }

    /// <summary>Clients of SAML of which the person has a role that this one may hear of; looked up only where a mapper asks.</summary>
    public required IReadOnlyList<string> RelatedClients { get; init; }

    /// <summary>The level that the sign-in reached; null when none was asked for.</summary>
    public int? Level { get; init; }

    /// <summary>Other names for roles: from <c>name</c> or <c>client.name</c> to what is written.</summary>
    public Dictionary<string, string> RoleNames { get; } = new(StringComparer.Ordinal);

    /// <summary>Names that are written beside those of the roles.</summary>
    public List<string> MoreRoles { get; } = [];

    public List<string> Audiences { get; } = [];

    public List<SamlAttribute> Attributes { get; } = [];

    /// <summary>The attributes with roles. Of several mappers that write them one counts.</summary>
    public IReadOnlyList<SamlAttribute> RoleAttributes { get; set; } = [];

    /// <summary>How the person proved who they are; null while no mapper knows more than that they did.</summary>
    public string? ContextClass { get; set; }

    /// <summary>Whether a mapper decides the person's name, and the name: null when the person has none of that kind.</summary>
    public bool IsNamed { get; private set; }

    public string? MappedName { get; private set; }

    /// <summary>The first mapper that decides the name is the one.</summary>
    public void Name(string? name)
    {
        if (!IsNamed)
        {
            (IsNamed, MappedName) = (true, name);
        }
    }

    public void Add(MapperModel mapper, params IReadOnlyList<string?> values) => Attributes.AddRange(Attribute(mapper, values));

    /// <summary>The attribute that a mapper is configured for; none without a name, which an attribute must have (SAML core §2.7.3.1).</summary>
    public static IReadOnlyList<SamlAttribute> Attribute(MapperModel mapper, params IReadOnlyList<string?> values) => mapper["attribute.name"] is not { } name ? [] :
    [
        new(name, mapper["attribute.nameformat"] switch
        {
            "URI Reference" => SamlNames.AttributeUri,
            "Unspecified" => SamlNames.AttributeUnspecified,
            _ => SamlNames.AttributeBasic,
        }, string.IsNullOrWhiteSpace(mapper["friendly.name"]) ? null : mapper["friendly.name"], values),
    ];

    /// <summary>One attribute with all values, or one for each, as the mapper says; nothing for none.</summary>
    public static IReadOnlyList<SamlAttribute> List(MapperModel mapper, IReadOnlyList<string> values) =>
        values.Count == 0 ? [] : mapper.FlagInAnyCase("single") ? Attribute(mapper, [.. values]) : [.. values.SelectMany(v => Attribute(mapper, v))];
}
