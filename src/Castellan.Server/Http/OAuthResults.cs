using System.Buffers;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Castellan.Server.Http;

/// <summary>The only place that writes an OAuth answer: tokens (RFC 6749 §5.1) and refusals (§5.2).</summary>
public static class OAuthResults
{
    private static readonly StringValues s_noStore = "no-store";
    private static readonly StringValues s_noCache = "no-cache";

    /// <summary>Tokens. Nothing may keep the answer.</summary>
    public static Task TokensAsync(HttpContext http, Realm realm, IssuedTokens tokens)
    {
        NoStore(http);
        var body = JwtBuffer.Rent();
        Write(body.Json, tokens);
        var sent = JsonAnswers.BytesAsync(http, body.Written, JsonAnswers.Json, realm);
        if (!sent.IsCompleted)
        {
            return AwaitAsync(sent, body);
        }

        body.Dispose();
        return sent;

        // A host may have put something between us and the connection that still reads the buffer: one that compresses, say.
        static async Task AwaitAsync(Task sent, JwtBuffer body)
        {
            using (body)
            {
                await sent;
            }
        }
    }

    /// <summary>A refusal at an endpoint whose answers must not be kept, such as the token endpoint.</summary>
    public static Task RefuseAsync(HttpContext http, Realm realm, ProtocolError error)
    {
        NoStore(http);
        return ErrorAsync(http, realm, error);
    }

    /// <summary>A refusal.</summary>
    public static Task ErrorAsync(HttpContext http, Realm? realm, ProtocolError error)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body, JsonAnswers.Plain))
        {
            json.WriteStartObject();
            json.WriteString("error"u8, error.Code);
            if (error.Description is { } description)
            {
                json.WriteString("error_description"u8, description);
            }

            json.WriteEndObject();
        }

        http.Response.StatusCode = error.Status;
        return JsonAnswers.BytesAsync(http, body.WrittenMemory, JsonAnswers.Json, realm);
    }

    /// <summary>Any other JSON of an OAuth endpoint, with <c>Cache-Control: no-cache</c>.</summary>
    public static Task JsonAsync(HttpContext http, Realm realm, ReadOnlyMemory<byte> json)
    {
        http.Response.Headers.CacheControl = s_noCache;
        return JsonAnswers.BytesAsync(http, json, JsonAnswers.Json, realm);
    }

    /// <summary>An answer without a body.</summary>
    public static Task EmptyAsync(HttpContext http, Realm realm, int status)
    {
        SecurityHeaders.ApplyToPage(http.Response.Headers, realm);
        http.Response.StatusCode = status;
        http.Response.ContentLength = status == StatusCodes.Status204NoContent ? null : 0;
        return Task.CompletedTask;
    }

    /// <summary>§5.1: <c>Cache-Control: no-store</c> and <c>Pragma: no-cache</c>.</summary>
    public static void NoStore(HttpContext http)
    {
        http.Response.Headers.CacheControl = s_noStore;
        http.Response.Headers.Pragma = s_noCache;
    }

    private static void Write(Utf8JsonWriter json, IssuedTokens tokens)
    {
        json.WriteStartObject();
        if (tokens.AccessToken is not null)
        {
            json.WriteString("access_token"u8, tokens.AccessToken);
            json.WriteNumber("expires_in"u8, tokens.ExpiresIn);
        }

        json.WriteNumber("refresh_expires_in"u8, tokens.RefreshExpiresIn);
        if (tokens.RefreshToken is not null)
        {
            json.WriteString("refresh_token"u8, tokens.RefreshToken);
        }

        if (tokens.TokenType is not null)
        {
            json.WriteString("token_type"u8, tokens.TokenType);
        }

        if (tokens.IdToken is not null)
        {
            json.WriteString("id_token"u8, tokens.IdToken);
        }

        json.WriteNumber("not-before-policy"u8, tokens.NotBeforePolicy);
        if (tokens.Upgraded is { } upgraded)
        {
            // The answer with a requesting party token says neither scope nor session.
            json.WriteBoolean("upgraded"u8, upgraded);
            json.WriteEndObject();
            return;
        }

        if (tokens.SessionState is not null)
        {
            json.WriteString("session_state"u8, tokens.SessionState);
        }

        json.WriteString("scope"u8, tokens.Scope);
        if (tokens.IssuedTokenType is not null)
        {
            json.WriteString("issued_token_type"u8, tokens.IssuedTokenType);
        }

        foreach (var further in tokens.Further)
        {
            json.WritePropertyName(further.Key);
            json.WriteRawValue(further.Value);
        }

        json.WriteEndObject();
    }
}
