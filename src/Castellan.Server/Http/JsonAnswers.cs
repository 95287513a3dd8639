using System.Buffers;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Protocol.Messages;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Http;

/// <summary>Answers in JSON that are no OAuth answers, and the plain errors that the router itself gives.</summary>
public static class JsonAnswers
{
    /// <summary>Text stands as it is, as in Keycloak's answers: they are JSON alone, never part of a page.</summary>
    public static readonly JsonWriterOptions Plain = new() { Encoder = PlainJson.Encoder };

    public const string Json = "application/json";

    /// <summary><c>{"error": "…"}</c>.</summary>
    public static Task ErrorAsync(HttpContext http, int status, string error, Realm? realm = null)
    {
        SecurityHeaders.Apply(http.Response.Headers, realm);
        return BareErrorAsync(http, status, error);
    }

    /// <summary>The same from outside of the rooms, where no realm says which headers guard it.</summary>
    public static Task BareErrorAsync(HttpContext http, int status, string error)
    {
        var body = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            json.WriteStartObject();
            json.WriteString("error", error);
            json.WriteEndObject();
        }

        http.Response.StatusCode = status;
        return SendAsync(http, body.WrittenMemory, Json);
    }

    /// <summary>A body that is made already; security headers are set.</summary>
    public static Task BytesAsync(HttpContext http, ReadOnlyMemory<byte> body, string contentType, Realm? realm = null)
    {
        SecurityHeaders.Apply(http.Response.Headers, realm);
        return SendAsync(http, body, contentType);
    }

    private static Task SendAsync(HttpContext http, ReadOnlyMemory<byte> body, string contentType)
    {
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        return http.Response.BodyWriter.WriteAsync(body, http.RequestAborted).AsTask();
    }
}
