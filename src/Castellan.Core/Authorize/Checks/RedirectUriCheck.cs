namespace Castellan.Core.Authorize.Checks;

/// <summary>The redirect URI is one of the client's. It may be left out only where the client has exactly one, and OpenID Connect is not asked for.</summary>
public sealed class RedirectUriCheck : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        request.RedirectUri = request.InvitedTo is { } there && request["redirect_uri"] is null ? there : RedirectUris.Find(request.Client, request.Server, request["redirect_uri"], required: request.List("scope").Contains("openid"));
        return new(request.RedirectUri is null ? AuthorizeRefusal.Page("invalid_redirect_uri", "invalidParameterMessage", "redirect_uri") : null);
    }
}
