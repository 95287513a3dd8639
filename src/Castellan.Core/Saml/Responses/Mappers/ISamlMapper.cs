using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>A type of protocol mapper for SAML: what it puts into assertions. One file each; the list is <see cref="SamlMappers.All"/>.</summary>
internal interface ISamlMapper
{
    /// <summary>The name in <c>protocolMapper</c>.</summary>
    string Id { get; }

    /// <summary>Mappers run in ascending order: those that change roles before those that write them.</summary>
    int Priority => 0;

    void Map(SamlMapperContext context, MapperModel mapper);
}

/// <summary>Every type of mapper for SAML: a new one is a file and a line here.</summary>
internal static class SamlMappers
{
    public static IReadOnlyList<ISamlMapper> All { get; } =
    [
        new AudienceMapper(), new AudienceResolveMapper(), new AuthnContextMapper(), new GroupMembershipMapper(), new HardcodedAttributeMapper(), new HardcodedRoleMapper(),
        new NameIdMapper(), new OrganizationGroupMembershipMapper(), new OrganizationMembershipMapper(), new RoleListMapper(), new RoleNameMapper(), new SessionNoteMapper(),
        new UserAttributeMapper(), new UserPropertyMapper(),
    ];

    private static readonly Dictionary<string, ISamlMapper> s_byId = All.ToDictionary(m => m.Id, StringComparer.Ordinal);

    public static ISamlMapper? Find(string? id) => id is null ? null : s_byId.GetValueOrDefault(id);
}
