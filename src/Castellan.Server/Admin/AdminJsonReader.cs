using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Castellan.Server.Admin;

/// <summary>Reads bodies, and says in Keycloak's words why one cannot be read.</summary>
internal static class AdminJsonReader
{
    /// <param name="unfit">The form in which to say that something is too long, where it is not administration's.</param>
    public static async ValueTask<Read<T>> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, long limit, CancellationToken ct, Func<string, AdminAnswer>? unfit = null)
    {
        if (request.ContentType is { } contentType && !IsJson(contentType))
        {
            return AdminAnswer.Error(415, "HTTP 415 Unsupported Media Type");
        }

        if (!(await ReadBytesAsync(request, limit, ct)).Ok(out var bytes, out var refusal))
        {
            return refusal;
        }

        if (BodyLimits.Refuse(bytes, unfit) is { } refused)
        {
            return refused;
        }

        try
        {
            return JsonSerializer.Deserialize(bytes, type);
        }
        catch (JsonException)
        {
            return UnknownField.Find(bytes, type) is { } unknown ? AdminAnswer.Error(400, unknown) : AdminAnswer.CannotParse;
        }
    }

    public static async ValueTask<Read<byte[]>> ReadBytesAsync(HttpRequest request, long limit, CancellationToken ct)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }

        if (request.ContentLength > limit)
        {
            return AdminAnswer.Error(413, "HTTP 413 Request Entity Too Large");
        }

        try
        {
            using var buffer = new MemoryStream(request.ContentLength is { } length ? (int)length : 0);
            await request.Body.CopyToAsync(buffer, ct);
            return buffer.Length > limit ? AdminAnswer.Error(413, "HTTP 413 Request Entity Too Large") : buffer.ToArray();
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode == 413 ? AdminAnswer.Error(413, "HTTP 413 Request Entity Too Large") : AdminAnswer.CannotParse;
        }
    }

    private static bool IsJson(string contentType) =>
        contentType.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) || contentType.Contains("+json", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Finds the first member of a document that its representation does not have.</summary>
internal static class UnknownField
{
    /// <summary>Keycloak's sentence about it, or null when there is none before the document breaks otherwise.</summary>
    public static string? Find(ReadOnlySpan<byte> json, JsonTypeInfo type)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            return reader.Read() ? Walk(ref reader, json, type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Walk(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, JsonTypeInfo type)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            var element = type.ElementType is { } of ? type.Options.GetTypeInfo(of) : null;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (Below(ref reader, json, element) is { } found)
                {
                    return found;
                }
            }
        }
        else if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var name = reader.GetString()!;
                JsonTypeInfo? member = null;
                if (type.Kind == JsonTypeInfoKind.Object)
                {
                    if (type.Properties.FirstOrDefault(p => p.Name == name) is { } property)
                    {
                        member = type.Options.GetTypeInfo(property.PropertyType);
                    }
                    else if (type.UnmappedMemberHandling != JsonUnmappedMemberHandling.Skip)
                    {
                        return Sentence(ref reader, json, type, name);
                    }
                }
                else if (type is { Kind: JsonTypeInfoKind.Dictionary, ElementType: { } of })
                {
                    member = type.Options.GetTypeInfo(of);
                }

                reader.Read();
                if (Below(ref reader, json, member) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }

    private static string? Below(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, JsonTypeInfo? type)
    {
        if (type is { Kind: not JsonTypeInfoKind.None })
        {
            return Walk(ref reader, json, type);
        }

        reader.Skip();
        return null;
    }

    /// <summary>The place is where Keycloak's parser stands after it has begun with the member's value: behind a word or number, one behind a quote or bracket.</summary>
    private static string Sentence(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, JsonTypeInfo type, string name)
    {
        reader.Read();
        var end = (int)(reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray or JsonTokenType.StartObject
            ? reader.TokenStartIndex + 1
            : reader.BytesConsumed);
        var before = json[..end];
        var line = before.Count((byte)'\n') + 1;
        var column = System.Text.Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return $"Invalid json representation for {type.Type.Name}. Unrecognized field \"{name}\" at line {line} column {column}.";
    }
}
