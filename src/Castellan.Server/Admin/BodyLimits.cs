using System.Text.Json;

namespace Castellan.Server.Admin;

/// <summary>
/// What no body may hold: a text that a database cannot keep, a name that is longer than names are, an id that would be two where ids are kept line
/// by line, or a list with nothing in a place.
/// </summary>
internal static class BodyLimits
{
    /// <summary>The width of Keycloak's columns for names.</summary>
    private const int Longest = 255;

    /// <summary>Members that name what a body is about, or that it is found by. Those of people are the user profile's to judge.</summary>
    private static readonly byte[][] s_names =
    [
        [.. "name"u8], [.. "alias"u8], [.. "id"u8], [.. "_id"u8], [.. "type"u8], [.. "clientId"u8], [.. "realm"u8],
        [.. "providerId"u8], [.. "providerType"u8], [.. "parentId"u8], [.. "protocol"u8], [.. "protocolMapper"u8], [.. "newName"u8], [.. "userName"u8], [.. "userId"u8],
    ];

    /// <summary>The refusal of a body, or null. A body that is no JSON is for whoever reads it next to refuse.</summary>
    /// <param name="unfit">The form in which to say that something is too long, where it is not administration's.</param>
    public static AdminAnswer? Refuse(ReadOnlySpan<byte> json, Func<string, AdminAnswer>? unfit = null)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        var inList = false;
        ulong lists = 0; // the depths at which a list is open
        ReadOnlySpan<byte> name = default;
        try
        {
            while (reader.Read())
            {
                inList |= reader is { TokenType: JsonTokenType.StartArray, CurrentDepth: 0 };
                var place = 1UL << reader.CurrentDepth;
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartArray: lists |= place; break;
                    case JsonTokenType.StartObject: lists &= ~place; break;
                    // Whoever reads the list later would trip over it.
                    case JsonTokenType.Null when reader.CurrentDepth > 0 && (lists & (place >> 1)) != 0: return AdminAnswer.CannotParse;
                }

                if (reader.TokenType is not (JsonTokenType.PropertyName or JsonTokenType.String))
                {
                    // What is in a list is not the member itself.
                    name = default;
                    continue;
                }

                // Half of a pair of UTF-16 is no text, and PostgreSQL keeps no zero.
                var escaped = reader.ValueIsEscaped ? reader.GetString()! : null;
                if (escaped is not null && (escaped.Contains('\0', StringComparison.Ordinal) || (reader.TokenType == JsonTokenType.String && IsId(name) && escaped.Any(char.IsControl))))
                {
                    return AdminAnswer.CannotParse;
                }

                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    name = escaped is null ? reader.ValueSpan : System.Text.Encoding.UTF8.GetBytes(escaped);
                }
                else if (reader.ValueSpan.Length > Longest && reader.CurrentDepth == (inList ? 2 : 1) && IsName(name) && reader.GetString()!.Length > Longest)
                {
                    var why = TooLong(System.Text.Encoding.UTF8.GetString(name));
                    return unfit?.Invoke(why) ?? AdminAnswer.Message(400, why);
                }
            }

            return null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            return AdminAnswer.CannotParse;
        }
    }

    /// <summary>Whether a name within a body, of something that a body is not about itself, is longer than names are.</summary>
    public static bool IsTooLong(string? name) => name?.Length > Longest;

    public static string TooLong(string what) => $"The value of {what} is longer than {Longest} characters";

    private static bool IsId(ReadOnlySpan<byte> name) => name.SequenceEqual("id"u8) || name.SequenceEqual("_id"u8);

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (var known in s_names)
        {
            if (name.SequenceEqual(known))
            {
                return true;
            }
        }

        return false;
    }
}
