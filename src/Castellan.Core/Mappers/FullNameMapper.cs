using Castellan.Core.Representations;

namespace Castellan.Core.Mappers;

/// <summary>First and last name as <c>name</c>.</summary>
internal sealed class FullNameMapper : IProtocolMapper
{
    public string Id => "oidc-full-name-mapper";

    public void Map(MapperContext context, MapperModel mapper) =>
        context.Claims.Set("name", Of(context.Grant.User.Representation) ?? context.Claims["name"]);

    /// <summary>The name of a person who has one.</summary>
    public static string? Of(UserRepresentation user) => (user.FirstName, user.LastName) switch
    {
        ({ Length: > 0 } first, { Length: > 0 } last) => $"{first} {last}",
        ({ Length: > 0 } first, _) => first,
        (_, { Length: > 0 } last) => last,
        _ => null,
    };
}
