namespace Castellan.Core.Clients;

/// <summary>The origins whose pages may read a client's answers: those it lists, <c>+</c> for those of its redirect URIs, <c>*</c> for any.</summary>
public sealed class WebOrigins
{
    private readonly HashSet<string> _origins = new(StringComparer.Ordinal);
    private readonly HashSet<string> _meant = new(StringComparer.Ordinal);
    private readonly List<string> _onServer = [];
    private readonly Client _client;

    private WebOrigins(Client client)
    {
        _client = client;
        foreach (var origin in client.Representation.WebOrigins ?? [])
        {
            if (origin == "+")
            {
                AddRedirects();
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

    public bool Allows(string origin) => _origins.Contains("*") || _origins.Contains(origin) || _meant.Contains(origin);

    /// <summary>The same, where redirect URIs may lie on the server itself.</summary>
    public bool Allows(string origin, ServerAddresses server) => Allows(origin) || _onServer.Exists(r => Origin(server.Absolute(_client, r)) == origin);

    private void AddRedirects()
    {
        foreach (var redirect in _client.Representation.RedirectUris ?? [])
        {
            var relative = redirect.StartsWith('/');
            if (relative && _client.Representation.RootUrl is not { Length: > 0 } or "${authBaseUrl}" or "${authAdminUrl}")
            {
                _onServer.Add(redirect);
            }
            else if (Written(relative ? _client.Representation.RootUrl! : redirect) is { } written)
            {
                _origins.Add(written);
                if (Origin(written) is { } origin && origin != written)
                {
                    _meant.Add(origin);
                }
            }
        }
    }

    /// <summary>The origin in the letters of the address: tokens list it so.</summary>
    private static string? Written(string address) =>
        !address.StartsWith("http://", StringComparison.Ordinal) && !address.StartsWith("https://", StringComparison.Ordinal) ? null
        : address.IndexOf('/', address.IndexOf("://", StringComparison.Ordinal) + 3) is > 0 and var end ? address[..end] : address;

    private static string? Origin(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri.IsDefaultPort ? $"{uri.Scheme}://{uri.Host}" : $"{uri.Scheme}://{uri.Host}:{uri.Port}"
            : null;
}

/// <summary>What hangs on a client.</summary>
public static class ClientWebOrigins
{
    public static WebOrigins WebOrigins(this Client client) => Clients.WebOrigins.Of(client);
}
