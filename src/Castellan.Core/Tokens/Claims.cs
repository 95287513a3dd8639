using System.Text.Json;

namespace Castellan.Core.Tokens;

/// <summary>
/// The claims of a token while it is made: names in the order in which they were set, values that are texts, numbers (<see cref="long"/>), truth
/// values, lists, objects (<see cref="Claims"/>) or parsed JSON. Few enough to be searched one by one.
/// </summary>
/// <param name="expected">About how many there will be.</param>
public sealed class Claims(int expected = 4)
{
    private readonly List<KeyValuePair<string, object>> _claims = new(expected);

    public int Count => _claims.Count;

    public IEnumerable<string> Names => _claims.Select(c => c.Key);

    /// <summary>The value, or null.</summary>
    public object? this[string name]
    {
        get
        {
            var at = IndexOf(name);
            return at < 0 ? null : _claims[at].Value;
        }
    }

    public string? Text(string name) => this[name] as string;

    /// <summary>Sets a claim; null removes it.</summary>
    public void Set(string name, object? value)
    {
        var at = IndexOf(name);
        if (value is null)
        {
            if (at >= 0)
            {
                _claims.RemoveAt(at);
            }
        }
        else if (at < 0)
        {
            _claims.Add(new(name, value));
        }
        else
        {
            _claims[at] = new(name, value);
        }
    }

    /// <summary>Sets a claim below others: <c>["org", "unit"]</c> is <c>{"org": {"unit": …}}</c>. What is in the way and no object is replaced.</summary>
    public void Set(ReadOnlySpan<string> path, object value)
    {
        var at = this;
        foreach (var name in path[..^1])
        {
            if (at[name] is not Claims inner)
            {
                at.Set(name, inner = new Claims());
            }

            at = inner;
        }

        at.Set(path[^1], value);
    }

    /// <summary>The value below others, or null.</summary>
    public object? Find(ReadOnlySpan<string> path)
    {
        object? at = this;
        foreach (var name in path)
        {
            at = (at as Claims)?[name];
        }

        return at;
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (name, value) in _claims)
        {
            json.WritePropertyName(name);
            Write(json, value);
        }

        json.WriteEndObject();
    }

    internal static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case string text:
                json.WriteStringValue(text);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case Claims inner:
                inner.WriteTo(json);
                break;
            case JsonElement element:
                element.WriteTo(json);
                break;
            case IReadOnlyList<string> texts:
                json.WriteStartArray();
                for (var i = 0; i < texts.Count; i++)
                {
                    json.WriteStringValue(texts[i]);
                }

                json.WriteEndArray();
                break;
            case IEnumerable<object?> items:
                json.WriteStartArray();
                foreach (var item in items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            case null:
                json.WriteNullValue();
                break;
            default:
                throw new InvalidOperationException($"A claim cannot be a {value.GetType()}.");
        }
    }

    private int IndexOf(string name)
    {
        for (var i = 0; i < _claims.Count; i++)
        {
            if (_claims[i].Key == name)
            {
                return i;
            }
        }

        return -1;
    }
}
