namespace Castellan.Core.Clients;

/// <summary>The origins whose pages may read a client's answers: those it lists, <c>+</c> for those of its redirect URIs, <c>*</c> for any.</summary>
public sealed class WebOrigins
{
    private readonly HashSet<string> _origins = new(StringComparer.Ordinal);

    private WebOrigins(Client client)
    {
        foreach (var origin in client.Representation.WebOrigins ?? [])
        {
            if (origin == "+")
            {
                _origins.UnionWith(OfRedirects(client));
            }
            else
            {
                _origins.Add(origin);
            }
        }
    }

    /// <summary>The origins as tokens list them (<c>allowed-origins</c>).</summary>
    public IReadOnlyCollection<string> All => _origins;

    public static WebOrigins Of(Client client) => client.Compiled(static c => new WebOrigins(c));

    public bool Allows(string origin) => _origins.Contains("*") || _origins.Contains(origin);

    private static IEnumerable<string> OfRedirects(Client client)
    {
        foreach (var redirect in client.Representation.RedirectUris ?? [])
        {
            var text = redirect.StartsWith('/') && client.Representation.RootUrl is { Length: > 0 } root ? root : redirect;
            if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
            {
                yield return uri.IsDefaultPort ? $"{uri.Scheme}://{uri.Host}" : $"{uri.Scheme}://{uri.Host}:{uri.Port}";
            }
        }
    }
}

/// <summary>What hangs on a client.</summary>
public static class ClientWebOrigins
{
    public static WebOrigins WebOrigins(this Client client) => Clients.WebOrigins.Of(client);
}
