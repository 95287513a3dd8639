using System.Text.Json;
using Castellan.Core.Representations;

namespace Castellan.Core.Users;

/// <summary>Copies of users: what a store hands out must not be changed.</summary>
public static class UserRepresentations
{
    /// <summary>A copy that shares nothing with the original.</summary>
    public static UserRepresentation Copy(UserRepresentation user) =>
        JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(user, AdminJson.Default.UserRepresentation), AdminJson.Default.UserRepresentation)!;
}
