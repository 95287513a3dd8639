namespace Castellan.Core.Mappers;

/// <summary>First and last name as <c>name</c>.</summary>
internal sealed class FullNameMapper : IProtocolMapper
{
    public string Id => "oidc-full-name-mapper";

    public void Map(MapperContext context, MapperModel mapper)
    {
        var user = context.Grant.User.Representation;
        var name = (user.FirstName, user.LastName) switch
        {
            ({ Length: > 0 } first, { Length: > 0 } last) => $"{first} {last}",
            ({ Length: > 0 } first, _) => first,
            (_, { Length: > 0 } last) => last,
            _ => null,
        };
        context.Claims.Set("name", name ?? context.Claims["name"]);
    }
}
