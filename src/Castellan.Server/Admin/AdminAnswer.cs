using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Castellan.Core.Realms;
using Castellan.Protocol.Messages;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Admin;

/// <summary>What a route answers: a body or none, or a refusal in one of Keycloak's two forms.</summary>
public abstract class AdminAnswer
{
    private static readonly JsonWriterOptions s_plain = new() { Encoder = PlainJson.Encoder };

    public static AdminAnswer NoContent { get; } = new Empty(204);

    public static AdminAnswer Forbidden { get; } = Error(403, "HTTP 403 Forbidden");

    public static AdminAnswer Unauthorized { get; } = Error(401, "HTTP 401 Unauthorized");

    public static AdminAnswer NotFoundHere { get; } = Error(404, "HTTP 404 Not Found");

    /// <summary>What breaks a rule of uniqueness that only the store sees. Keycloak answers it after its filters, so without their headers.</summary>
    public static AdminAnswer Conflict { get; } = new Refusal(409, "error", "conflict", "Duplicate resource error") { Bare = true };

    /// <summary>For a body that is no JSON, or no such JSON.</summary>
    public static AdminAnswer CannotParse { get; } = Error(400, "unknown_error", "Cannot parse the JSON");

    public static AdminAnswer NotEnabled { get; } = Error(501, "Feature not enabled", "For more on this error consult the server log.");

    public int Status { get; private init; } = 200;

    /// <summary>Whether this is a refusal; an answer without a body is none to Keycloak, whatever its status.</summary>
    public bool Refused => Status >= 400 && ContentType is not null;

    /// <summary>Where a new resource lies: absolute.</summary>
    public string? Location { get; private init; }

    /// <summary>Whether the security headers are left out.</summary>
    public bool Bare { get; private init; }

    public abstract string? ContentType { get; }

    /// <summary>What a refusal says beside its code.</summary>
    public virtual string? Description => null;

    public static AdminAnswer Json<T>(T value, JsonTypeInfo<T> type, int status = 200, string? location = null, string contentType = "application/json;charset=UTF-8") =>
        new JsonBody<T>(value, type, contentType) { Status = status, Location = location };

    public static AdminAnswer Empty200 { get; } = new Empty(200);

    /// <summary>A status alone.</summary>
    public static AdminAnswer Bodyless(int status) => new Empty(status);

    public static AdminAnswer Created(string location) => new Empty(201) { Location = location };

    public static AdminAnswer Text(string text, string contentType, int status = 200) => new TextBody(text, contentType) { Status = status };

    public static AdminAnswer Bytes(byte[] bytes, string contentType) => new BytesBody(bytes, contentType);

    /// <summary>The form <c>{"error": …, "error_description": …}</c>.</summary>
    public static AdminAnswer Error(int status, string error, string? description = null) => new Refusal(status, "error", error, description);

    /// <summary>The form <c>{"errorMessage": …}</c>.</summary>
    public static AdminAnswer Message(int status, string message) => new Refusal(status, "errorMessage", message, null);

    public static AdminAnswer NotFound(string what) => Error(404, what);

    /// <summary>Sends it: status, headers, body.</summary>
    /// <param name="realm">Whose headers guard browsers; null: the usual ones.</param>
    /// <param name="noCache">Whether a good answer is not to be kept.</param>
    internal Task SendAsync(HttpContext http, Realm? realm, bool noCache = false)
    {
        var response = http.Response;
        response.StatusCode = Status;
        if (!Bare)
        {
            AdminHeaders.Guard(http, realm, ContentType);
        }

        if (ContentType is { } type)
        {
            response.ContentType = type;
        }

        if (Location is { } location)
        {
            response.Headers.Location = location;
        }

        if (noCache && !Refused)
        {
            response.Headers.CacheControl = "no-cache";
        }

        return WriteAsync(response, http.RequestAborted);
    }

    public abstract Task WriteAsync(HttpResponse response, CancellationToken ct);

    private sealed class Empty : AdminAnswer
    {
        public Empty(int status) => Status = status;

        public override string? ContentType => null;

        public override Task WriteAsync(HttpResponse response, CancellationToken ct) => Task.CompletedTask;
    }

    private sealed class JsonBody<T>(T value, JsonTypeInfo<T> type, string contentType) : AdminAnswer
    {
        public override string ContentType => contentType;

        public override async Task WriteAsync(HttpResponse response, CancellationToken ct)
        {
            var body = new ArrayBufferWriter<byte>(1024);
            await using (var writer = new Utf8JsonWriter(body, s_plain))
            {
                JsonSerializer.Serialize(writer, value, type);
            }

            response.ContentLength = body.WrittenCount;
            await response.BodyWriter.WriteAsync(body.WrittenMemory, ct);
        }
    }

    private sealed class TextBody(string text, string contentType) : AdminAnswer
    {
        public override string ContentType => contentType;

        public override Task WriteAsync(HttpResponse response, CancellationToken ct)
        {
            var body = Encoding.UTF8.GetBytes(text);
            response.ContentLength = body.Length;
            return response.BodyWriter.WriteAsync(body, ct).AsTask();
        }
    }

    private sealed class BytesBody(byte[] bytes, string contentType) : AdminAnswer
    {
        public override string ContentType => contentType;

        public override Task WriteAsync(HttpResponse response, CancellationToken ct) => response.BodyWriter.WriteAsync(bytes, ct).AsTask();
    }

    private sealed class Refusal : AdminAnswer
    {
        private readonly string _member;
        private readonly string _text;
        private readonly string? _description;

        public Refusal(int status, string member, string text, string? description) =>
            (Status, _member, _text, _description) = (status, member, text, description);

        public override string? Description => _description;

        public override string ContentType => "application/json";

        public override async Task WriteAsync(HttpResponse response, CancellationToken ct)
        {
            var body = new ArrayBufferWriter<byte>(128);
            await using (var writer = new Utf8JsonWriter(body, s_plain))
            {
                writer.WriteStartObject();
                writer.WriteString(_member, _text);
                if (_description is not null)
                {
                    writer.WriteString("error_description", _description);
                }

                writer.WriteEndObject();
            }

            response.ContentLength = body.WrittenCount;
            await response.BodyWriter.WriteAsync(body.WrittenMemory, ct);
        }
    }
}
