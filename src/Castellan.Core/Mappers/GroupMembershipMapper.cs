namespace Castellan.Core.Mappers;

/// <summary>The groups of the user, as paths or as bare names.</summary>
internal sealed class GroupMembershipMapper : IProtocolMapper
{
    public string Id => "oidc-group-membership-mapper";

    public void Map(MapperContext context, MapperModel mapper)
    {
        var tree = context.Grant.Realm.Groups;
        var fullPath = mapper.Flag("full.path");
        var names = new List<string>();
        foreach (var id in context.Grant.User.GroupIds)
        {
            if (tree.Find(id) is { } group)
            {
                names.Add(fullPath ? tree.Path(group) : group.Name);
            }
        }

        ClaimValues.SetList(context, mapper, names);
    }
}
