using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Representations;

namespace Castellan.Core.Authorization;

/// <summary>The owner of a resource as representations name it: a text, or an object with an id or a name.</summary>
public static class ResourceOwner
{
    /// <summary>The id that is given, which may be a user's name too; null when there is none.</summary>
    public static string? IdOf(ResourceRepresentation resource) => resource.Owner switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Object } o => Member(o, "id"),
        _ => null,
    };

    /// <summary>The name that files give.</summary>
    public static string? NameOf(ResourceRepresentation resource) => resource.Owner is { ValueKind: JsonValueKind.Object } o ? Member(o, "name") : null;

    /// <summary>The id of an owner that a search names: a person by id or name, or the resource server. What names nobody stays.</summary>
    public static async ValueTask<string> FindAsync(string nameOrId, Client server, IPrincipals principals, CancellationToken ct) =>
        nameOrId == server.ClientId ? server.Id : await principals.IdAsync(PrincipalKind.User, nameOrId, ct) ?? nameOrId;

    /// <summary>An owner as it is shown; without an id as files have it.</summary>
    public static JsonElement Show(string? id, string? name)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            if (id is not null)
            {
                writer.WriteString("id", id);
            }

            if (name is not null)
            {
                writer.WriteString("name", name);
            }

            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(stream.ToArray());
        return document.RootElement.Clone();
    }

    private static string? Member(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
