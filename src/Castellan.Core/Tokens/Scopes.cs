using Castellan.Core.Clients;

namespace Castellan.Core.Tokens;

/// <summary>The client scopes of a grant, with the text of the request that they came from.</summary>
/// <param name="Active">The scopes whose mappers and role mappings count.</param>
/// <param name="Requested">The scope parameter, names in their order; <c>openid</c> among them when asked for.</param>
public sealed record GrantedScopes(IReadOnlyList<ClientScope> Active, IReadOnlyList<string> Requested)
{
    public bool OpenId { get; } = Requested.Contains("openid");

    public bool OfflineAccess { get; } = Requested.Contains("offline_access") && Active.Any(s => s.Name == "offline_access");

    /// <summary>The scope as access tokens and answers show it: <c>openid</c>, then every scope that does not hide its name.</summary>
    public string Shown => _shown ??= Join(hidden: false);

    /// <summary>The scope with the hidden names too, as the refresh token keeps it.</summary>
    public string Full => _full ??= Join(hidden: true);

    private string? _shown;
    private string? _full;

    private string Join(bool hidden)
    {
        var names = Active.Where(s => hidden || s.Attribute("include.in.token.scope") != "false").Select(s => s.Name);
        return string.Join(' ', OpenId ? names.Prepend("openid") : names);
    }
}
