namespace Castellan.Core.Mappers;

/// <summary>The user's id as <c>sub</c> of access tokens.</summary>
internal sealed class SubjectMapper : IProtocolMapper
{
    public string Id => "oidc-sub-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is MapperTarget.Access or MapperTarget.Lightweight or MapperTarget.Introspection
        && mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper) => context.Claims.Set("sub", context.Claims["sub"] ?? context.Grant.User.Id);
}
