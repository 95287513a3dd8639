using System.Buffers;
using System.Text.Json;
using Castellan.Core.Outbound;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>
/// A request names an intent (of a payment, say) in an essential claim of its ID token, and a service says whether it is one of the client's:
/// asked with <c>{"intent_id": …, "client_id": …}</c>, it answers <c>{"is_bound": …}</c>.
/// </summary>
internal sealed class IntentExecutor() : PolicyExecutor("intent-client-bind-checker")
{
    private const int LongestAnswer = 16 * 1024;

    public override async ValueTask<ProtocolError?> AuthorizeAsync(AuthorizationOccasion occasion, PolicySettings settings, IFetch fetch, CancellationToken ct)
    {
        if (occasion.IsEarly || occasion.Request.IsResumed)
        {
            return null;
        }

        if (settings.Text("intent-client-bind-check-endpoint") is not { } endpoint
            || !(endpoint.StartsWith("https://", StringComparison.Ordinal) || endpoint.StartsWith("http://", StringComparison.Ordinal)))
        {
            return new("server_error", "invalid Intent Client Bind Check Endpoint setting");
        }

        if (!Intent(occasion["claims"], settings.Text("intent-name")).Ok(out var intent, out var refusal))
        {
            return refusal;
        }

        var answer = await fetch.SendAsync(new(endpoint, MaxLength: LongestAnswer, Body: FetchBody.Json(Question(intent, occasion.Requester.ClientId))), ct);
        return answer is not { IsOk: true } || IsBound(answer.Body) is not { } bound ? Request("checking intent bound with client failed") : bound ? null : Request("The intent is not bound with the client");
    }

    private static Result<string> Intent(string? claims, string? name)
    {
        if (claims is null)
        {
            return Request("no claim for an intent value in an authorization request");
        }

        if (string.IsNullOrEmpty(name))
        {
            return Request("invalid intent name setting");
        }

        try
        {
            using var json = JsonDocument.Parse(claims);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("id_token", out var inToken) || inToken.ValueKind != JsonValueKind.Object
                || !inToken.TryGetProperty(name, out var claim) || claim.ValueKind != JsonValueKind.Object)
            {
                return Request("no claim for an intent value for ID token");
            }

            return !claim.TryGetProperty("essential", out var essential) || essential.ValueKind != JsonValueKind.True ? Request("not specifying a claim for an intent as essential claim")
                : claim.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : Request("invalid intent value");
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // The latter for half of a surrogate pair, which the document finds only when the text is asked for.
            return Request("invalid claim for an intent value");
        }
    }

    private static byte[] Question(string intent, string clientId)
    {
        var body = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("intent_id", intent);
            json.WriteString("client_id", clientId);
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static bool? IsBound(byte[] answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("is_bound", out var bound)
                && bound.ValueKind is JsonValueKind.True or JsonValueKind.False ? bound.GetBoolean() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
