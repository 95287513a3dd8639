using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Castellan.Protocol.Messages;

/// <summary>
/// The fields of a body in <c>application/x-www-form-urlencoded</c> (or of a query), in their order. Requests have few fields, so they are searched
/// one by one; how many there may be and how long they are is bounded by whoever reads the body.
/// </summary>
public sealed class Form
{
    /// <summary>More fields than this are not a request that anybody means.</summary>
    public const int MaxFields = 1_000;

    /// <summary>A form without fields.</summary>
    public static readonly Form Empty = new([]);

    private static readonly string[] s_usual =
        ["grant_type", "client_id", "client_secret", "scope", "refresh_token", "code", "redirect_uri", "code_verifier", "username", "password", "token"];

    private readonly List<KeyValuePair<string, string>> _fields;

    public Form(IEnumerable<KeyValuePair<string, string>> fields) => _fields = [.. fields];

    private Form(List<KeyValuePair<string, string>> fields) => _fields = fields;

    public IReadOnlyList<KeyValuePair<string, string>> Fields => _fields;

    /// <summary>The first value of a field, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var field in _fields)
            {
                if (field.Key == name)
                {
                    return field.Value;
                }
            }

            return null;
        }
    }

    /// <summary>The value of a field; null when it is absent or empty (RFC 6749 §3.1: a parameter without a value is as if omitted).</summary>
    public string? Value(string name) => this[name] is { Length: > 0 } value ? value : null;

    /// <summary>All values of a field.</summary>
    public IEnumerable<string> All(string name) => _fields.Where(f => f.Key == name).Select(f => f.Value);

    /// <summary>The name of a field that occurs more than once (RFC 6749 §3.2 forbids it), or null. Names in <paramref name="except"/> may.</summary>
    public string? Repeated(params ReadOnlySpan<string> except)
    {
        for (var i = 1; i < _fields.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (_fields[i].Key == _fields[j].Key && !except.Contains(_fields[i].Key))
                {
                    return _fields[i].Key;
                }
            }
        }

        return null;
    }

    /// <summary>Reads a form; null when it has too many fields or a broken escape or is not UTF-8.</summary>
    public static Form? Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
        {
            return Empty;
        }

        var fields = new List<KeyValuePair<string, string>>(8);
        var rented = body.Length > 1024 ? ArrayPool<byte>.Shared.Rent(body.Length) : null;
        var scratch = rented ?? stackalloc byte[1024];
        try
        {
            while (!body.IsEmpty)
            {
                var end = body.IndexOf((byte)'&');
                var pair = end < 0 ? body : body[..end];
                body = end < 0 ? default : body[(end + 1)..];
                if (pair.IsEmpty)
                {
                    continue;
                }

                var equals = pair.IndexOf((byte)'=');
                var name = NameOf(equals < 0 ? pair : pair[..equals], scratch);
                var value = equals < 0 ? "" : Decode(pair[(equals + 1)..], scratch);
                if (name is null || value is null || fields.Count == MaxFields)
                {
                    return null;
                }

                fields.Add(new(name, value));
            }

            return new Form(fields);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented, clearArray: true);
            }
        }
    }

    /// <summary>Decodes one form-encoded text (RFC 6749 appendix B); null when an escape is broken or the bytes are not UTF-8.</summary>
    public static string? Decode(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Decode(bytes, bytes);
    }

    /// <summary>The name of a field. Those that nearly every request has are there already.</summary>
    private static string? NameOf(ReadOnlySpan<byte> text, Span<byte> scratch)
    {
        foreach (var name in s_usual)
        {
            if (Ascii.Equals(text, name))
            {
                return name;
            }
        }

        return Decode(text, scratch);
    }

    private static string? Decode(ReadOnlySpan<byte> text, Span<byte> scratch)
    {
        var written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var b = text[i];
            if (b == '+')
            {
                b = (byte)' ';
            }
            else if (b == '%')
            {
                if (i + 2 >= text.Length || Hex(text[i + 1]) < 0 || Hex(text[i + 2]) < 0)
                {
                    return null;
                }

                b = (byte)((Hex(text[i + 1]) << 4) | Hex(text[i + 2]));
                i += 2;
            }

            scratch[written++] = b;
        }

        return Utf8.IsValid(scratch[..written]) ? Encoding.UTF8.GetString(scratch[..written]) : null;
    }

    private static int Hex(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };
}
