using Castellan.Core.Groups;
using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>The groups of the person, as paths or as bare names.</summary>
internal sealed class GroupMembershipMapper : ISamlMapper
{
    public string Id => "saml-group-membership-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        var tree = context.Realm.Groups;
        var groups = context.User.GroupIds.Select(tree.Find).OfType<Group>().Select(g => mapper.Flag("full.path") ? tree.Path(g) : g.Name);
        context.Attributes.AddRange(SamlMapperContext.List(mapper, [.. groups]));
    }
}
