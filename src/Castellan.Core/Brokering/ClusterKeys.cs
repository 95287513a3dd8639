using System.Text.Json;
using Castellan.Core.Outbound;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Brokering;

/// <summary>
/// The keys by which a Kubernetes cluster signs the tokens of its service accounts. It publishes them as an issuer does (OpenID Connect Discovery 1.0 §4), but mostly
/// to its own only: a server that runs in the cluster shows it the token of its own service account.
/// </summary>
public sealed class ClusterKeys
{
    /// <summary>Where Kubernetes puts the token of a pod's service account.</summary>
    public const string OwnToken = "/var/run/secrets/kubernetes.io/serviceaccount/token";

    private const int MaxToken = 64 * 1024, MaxDiscovery = 256 * 1024;

    private readonly IFetch _fetch;
    private readonly string _ownToken;
    private readonly RemoteKeys _keys;

    /// <param name="ownToken">The file with the token of the server's own service account; it need not be there.</param>
    public ClusterKeys(IFetch fetch, TimeProvider time, string ownToken = OwnToken)
    {
        (_fetch, _ownToken) = (fetch, ownToken);
        _keys = new(FetchAsync, time);
    }

    /// <summary>The keys of the cluster; null when they never could be fetched.</summary>
    /// <param name="owner">Whose they are for us.</param>
    public ValueTask<VerificationKeys?> FindAsync(string owner, string issuer, string? kid, CancellationToken ct = default) => _keys.VerificationAsync(owner, issuer, kid, ct);

    private async ValueTask<byte[]?> FetchAsync(string issuer, CancellationToken ct)
    {
        var token = await TokenForAsync(issuer, ct);
        var discovery = await GetAsync(issuer.TrimEnd('/') + "/.well-known/openid-configuration", "application/json", MaxDiscovery);
        return discovery is not null && JwksUri(discovery) is { } address ? await GetAsync(address, "application/jwk-set+json, application/json", JwkSet.MaxLength) : null;

        // The token opens the cluster: it goes to nobody in the clear.
        async ValueTask<byte[]?> GetAsync(string address, string accept, int longest) =>
            await _fetch.SendAsync(
                new FetchRequest(address, Authorization: token is not null && address.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? $"Bearer {token}" : null, Accept: accept, MaxLength: longest), ct)
                is { Status: 200 } answer ? answer.Body : null;
    }

    /// <summary>Our own token, if this very cluster gave it; another one has no business with it. Kubernetes renews it, so it is read each time.</summary>
    private async ValueTask<string?> TokenForAsync(string issuer, CancellationToken ct)
    {
        try
        {
            if (new FileInfo(_ownToken) is not { Exists: true, Length: <= MaxToken })
            {
                return null;
            }

            var token = (await File.ReadAllTextAsync(_ownToken, ct)).Trim();
            if (Jws.TryParse(token, out var jws) != JoseFault.None)
            {
                return null;
            }

            using var claims = jws!.Claims();
            return claims?.Text("iss") == issuer ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? JwksUri(byte[] discovery)
    {
        try
        {
            using var json = JsonDocument.Parse(discovery);
            return ClaimReader.Text(json.RootElement, "jwks_uri");
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
