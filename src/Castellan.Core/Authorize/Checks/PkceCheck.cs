namespace Castellan.Core.Authorize.Checks;

/// <summary>The code challenge (RFC 7636 §4.3): well formed, by a method that exists, by the one that the client must use.</summary>
public sealed class PkceCheck : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        if (!request.ResponseType.HasFlag(ResponseType.Code))
        {
            return default;
        }

        var demanded = request.Client.Attribute("pkce.code.challenge.method");
        var challenge = request["code_challenge"];
        var method = request["code_challenge_method"];
        if (demanded is not null && method is null)
        {
            return Refuse("Missing parameter: code_challenge_method");
        }

        if (method is not (null or "plain" or "S256") || (demanded is not null && method != demanded))
        {
            return Refuse("Invalid parameter: code_challenge_method");
        }

        if (challenge is null)
        {
            return method is not null || demanded is not null ? Refuse("Missing parameter: code_challenge") : default;
        }

        return IsWellFormed(challenge) ? default : Refuse("Invalid parameter: code_challenge");
    }

    private static ValueTask<AuthorizeRefusal?> Refuse(string description) => new(AuthorizeRefusal.Redirect("invalid_request", description));

    // §4.2: 43 to 128 unreserved characters.
    private static bool IsWellFormed(string challenge) =>
        challenge.Length is >= 43 and <= 128 && challenge.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~');
}
