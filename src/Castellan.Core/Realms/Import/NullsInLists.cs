using System.Globalization;
using System.Text.Json;

namespace Castellan.Core.Realms.Import;

/// <summary>Finds a null that stands in a list: it is nothing that could be made, and no list of a representation has a use for it.</summary>
public static class NullsInLists
{
    /// <summary>Where the first one is, such as <c>clients[0]</c>; null when there is none. Text after the document is not looked at.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A member's name is no text.</exception>
    public static string? Find(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("null"u8) < 0)
        {
            return null;
        }

        // One entry for each object or list around: the member that is being read, or the number of the element.
        var path = new Stack<Step>();
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    path.Push(path.Pop() with { Member = reader.GetString() });
                    continue;
                case JsonTokenType.Null when path.TryPeek(out var around) && around.IsList:
                    return Text(path);
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    path.Push(new(reader.TokenType == JsonTokenType.StartArray, null, 0));
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    path.Pop();
                    break;
            }

            if (!path.TryPop(out var step))
            {
                return null;
            }

            path.Push(step with { Index = step.Index + 1 });
        }

        return null;
    }

    private static string Text(Stack<Step> path) => string.Concat(path.Reverse().Select((step, depth) =>
        step.IsList ? $"[{step.Index.ToString(CultureInfo.InvariantCulture)}]" : depth == 0 ? step.Member : "." + step.Member));

    private readonly record struct Step(bool IsList, string? Member, int Index);
}
