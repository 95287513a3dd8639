namespace Castellan.Core.Authorize.Checks;

/// <summary>Every scope is one of the client's, or <c>openid</c>.</summary>
public sealed class ScopeCheck : IAuthorizeCheck
{
    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        var client = request.Client;
        var fits = request.List("scope").All(name => name == "openid" || client.DefaultScopes.Any(s => s.Name == name) || client.OptionalScopes.Any(s => s.Name == name)
            || Tokens.Scopes.IsOrganizationForm(client, name));
        return new(fits ? null : AuthorizeRefusal.Redirect("invalid_scope", $"Invalid scopes: {request["scope"]}"));
    }
}
