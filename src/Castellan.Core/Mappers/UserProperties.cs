using Castellan.Core.Representations;

namespace Castellan.Core.Mappers;

/// <summary>The built-in properties of users, by the names that mappers have for them.</summary>
internal static class UserProperties
{
    /// <summary>The property; null when there is none of that name, or the user has none.</summary>
    public static string? Find(UserRepresentation user, string? name) => name is not { Length: > 0 } ? null : (char.ToLowerInvariant(name[0]) + name[1..]) switch
    {
        "id" => user.Id,
        "username" => user.Username,
        "email" => user.Email,
        "emailVerified" => user.EmailVerified == true ? "true" : "false",
        "firstName" => user.FirstName,
        "lastName" => user.LastName,
        "enabled" => user.Enabled == true ? "true" : "false",
        "createdTimestamp" => user.CreatedTimestamp?.ToString(),
        "federationLink" => user.FederationLink,
        "federated" => user.FederationLink is null ? "false" : "true",
        "serviceAccountClientLink" => user.ServiceAccountClientId,
        _ => null,
    };
}
