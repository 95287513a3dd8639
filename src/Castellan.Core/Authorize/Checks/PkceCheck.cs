namespace Castellan.Core.Authorize.Checks;

/// <summary>The code challenge (RFC 7636 §4.3): well formed, by a method that exists, by the one that the client must use.</summary>
public sealed class PkceCheck : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        if (ResponseTypes.IsFront(request.ResponseType) && !request.ResponseType.HasFlag(ResponseType.Code))
        {
            // There is no code to redeem.
            return default;
        }

        var (challenge, method) = (request["code_challenge"], request["code_challenge_method"]);
        var wrong = request.Client.Attribute("pkce.code.challenge.method") is { } demanded ? MissesDemand(challenge, method, demanded) : IsUnfit(challenge, method);
        return new(wrong is null ? null : AuthorizeRefusal.Redirect("invalid_request", wrong));
    }

    private static string? MissesDemand(string? challenge, string? method, string demanded) =>
        method is null ? "Missing parameter: code_challenge_method"
        : method != demanded ? "Invalid parameter: code challenge method is not matching the configured one"
        : challenge is null ? "Missing parameter: code_challenge"
        : Malformed(challenge);

    private static string? IsUnfit(string? challenge, string? method) =>
        challenge is null ? method is null ? null : "Missing parameter: code_challenge"
        : method is not (null or "plain" or "S256") ? "Invalid parameter: code_challenge_method"
        : Malformed(challenge);

    // §4.2: 43 to 128 unreserved characters.
    private static string? Malformed(string challenge) =>
        challenge.Length is >= 43 and <= 128 && challenge.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~') ? null : "Invalid parameter: code_challenge";
}
