using Castellan.Core.Clients;

namespace Castellan.Core.Authorize.Checks;

/// <summary>A response type and a response mode that exist, and that go together (OAuth 2.0 Multiple Response Types §3, §5; JARM §2.3).</summary>
public sealed class ResponseTypeCheck : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        // Until the type is known the request's own word decides how the client hears of it.
        request.ResponseMode = ResponseTypes.Mode(request["response_mode"] ?? "", ResponseType.None) ?? ResponseMode.Query;
        if (!request.Parameters.TryGetValue("response_type", out var wanted))
        {
            return new(AuthorizeRefusal.Redirect("invalid_request", "Missing parameter: response_type"));
        }

        var type = ResponseTypes.Parse(wanted);
        if ((int)type < 0)
        {
            return new(AuthorizeRefusal.Redirect("unsupported_response_type"));
        }

        request.ResponseType = type;
        request.ResponseMode = ResponseTypes.DefaultMode(type);
        if (request["response_mode"] is not { } word)
        {
            request.ModeIsVerified = true;
            return default;
        }

        if (ResponseTypes.Mode(word, type) is not { } mode)
        {
            request.ResponseMode = ResponseMode.Query;
            return new(AuthorizeRefusal.Redirect("invalid_request", "Invalid parameter: response_mode"));
        }

        request.ResponseMode = mode;
        if (ResponseTypes.IsFront(type) && mode == ResponseMode.Query)
        {
            // Tokens never go into a query that others can read: it stands in logs and histories.
            return new(AuthorizeRefusal.Redirect("invalid_request", "Response_mode 'query' not allowed for implicit or hybrid flow"));
        }

        request.ModeIsVerified = true;
        return new(ResponseTypes.IsFront(type) && mode == ResponseMode.QueryJwt && !ResponseEncryption.OfAuthorization(request.Client)
            ? AuthorizeRefusal.Redirect("invalid_request", "Response_mode 'query.jwt' is allowed only when the authorization response token is encrypted")
            : null);
    }
}
