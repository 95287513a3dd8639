using System.Text.Json;

namespace Castellan.Core.Authorize.Checks;

/// <summary>Details of an authorization (RFC 9396 §5): of a type that the server knows, and it knows none. Looked at when the person comes, not at the push.</summary>
public sealed class AuthorizationDetailsCheck : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct) =>
        new(!request.IsBeingPushed && request["authorization_details"] is { } details && Refuse(details) is { } why
            ? AuthorizeRefusal.Redirect("invalid_request", why) with { TellsReason = false }
            : null);

    private static string? Refuse(string details)
    {
        var malformed = $"Invalid authorization_details: {details}";
        try
        {
            using var json = JsonDocument.Parse(details, new JsonDocumentOptions { MaxDepth = 16 });
            if (json.RootElement.ValueKind != JsonValueKind.Array || json.RootElement.EnumerateArray().Any(d => d.ValueKind != JsonValueKind.Object))
            {
                return malformed;
            }

            // Every one of them is wrong, so the first says it.
            return json.RootElement.EnumerateArray().Select(detail => detail.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                ? $"Unsupported type '{type.GetString()}' of authorization_details parameter supplied in the request. Supported values: []"
                : $"Authorization_Details parameter provided without type: {details}").FirstOrDefault();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return malformed;
        }
    }
}
