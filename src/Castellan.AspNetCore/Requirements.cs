using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Castellan.AspNetCore;

/// <summary>
/// What a policy asks of a token. Only identities that this package made count: a role claim of a cookie is not a realm's role.
/// </summary>
/// <remarks>
/// It is handler and requirement in one and answers for itself alone. The class library's AuthorizationHandler of a type would be called by
/// each requirement of a policy for all of them, and one that is met would meet the others.
/// </remarks>
internal sealed class Requirements(string description, Func<CastellanIdentity, bool> isMet, string? scope = null)
    : IAuthorizationHandler, IAuthorizationRequirement
{
    private static readonly object s_missingScope = new();

    /// <inheritdoc/>
    public override string ToString() => description;

    /// <summary>The scope for lack of which the request was refused; for the challenge.</summary>
    public static string? MissingScope(HttpContext context) => context.Items.TryGetValue(s_missingScope, out var scope) ? scope as string : null;

    public Task HandleAsync(AuthorizationHandlerContext context)
    {
        foreach (var identity in context.User.Identities)
        {
            if (identity is CastellanIdentity { IsAuthenticated: true } ours && isMet(ours))
            {
                context.Succeed(this);
                return Task.CompletedTask;
            }
        }

        if (scope is not null && context.Resource is HttpContext http)
        {
            http.Items[s_missingScope] = http.Items.TryGetValue(s_missingScope, out var others) ? $"{others} {scope}" : scope;
        }

        return Task.CompletedTask;
    }

    public static Requirements RealmRole(string[] roles) =>
        new($"one of the realm roles {List(roles)}", identity => Array.Exists(roles, identity.HasRealmRole));

    public static Requirements ClientRole(string client, string[] roles) =>
        new($"one of the roles {List(roles)} of the client {client}", identity => Array.Exists(roles, role => identity.HasClientRole(client, role)));

    public static Requirements Scope(string[] scopes) =>
        new($"the scopes {List(scopes)}", identity => Array.TrueForAll(scopes, identity.HasScope), string.Join(' ', scopes));

    private static string List(string[] names) =>
        names.Length > 0 && Array.TrueForAll(names, name => !string.IsNullOrWhiteSpace(name))
            ? string.Join(", ", names)
            : throw new CastellanConfigurationException("A policy asks for a role or a scope without a name.");
}
