using System.Collections.Concurrent;
using Castellan.Core.Outbound;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Brokering.Services;

/// <summary>
/// OpenShift 4: a cluster says itself where its people sign in (RFC 8414, below the <c>baseUrl</c> of its API), and its API says who came.
/// </summary>
public sealed class OpenShift(IFetch fetch, TimeProvider time)
{
    public const string Id = "openshift-v4";
    private const int MaxLength = 64 * 1024;
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<string, (UpstreamAddresses Found, long At)> _known = new(StringComparer.Ordinal);

    public static SocialService Service => new(Id, "Openshift v4", "", "", "", "user:info")
    {
        // Who set the cluster up is no user of it, and so has no id.
        Fields = new("metadata.uid", "metadata.name") { FullName = "fullName", WithoutId = "kube:admin" },
    };

    /// <summary>The provider with its addresses; null when the cluster does not say them.</summary>
    public async ValueTask<IdentityProvider?> LocateAsync(IdentityProvider provider, CancellationToken ct)
    {
        if (provider.Setting("baseUrl")?.TrimEnd('/') is not { } cluster)
        {
            return null;
        }

        if (_known.TryGetValue(cluster, out var known) && time.GetElapsedTime(known.At) < s_fresh)
        {
            return provider.At(known.Found);
        }

        if (await fetch.GetAsync($"{cluster}/.well-known/oauth-authorization-server", "application/json", MaxLength, ct) is not { } body)
        {
            return null;
        }

        using var said = JwtClaims.TryParse(body);
        if (said?.Text("authorization_endpoint") is not { } authorization || said.Text("token_endpoint") is not { } token)
        {
            return null;
        }

        var found = new UpstreamAddresses(authorization, token, $"{cluster}/apis/user.openshift.io/v1/users/~");
        _known[cluster] = (found, time.GetTimestamp());
        return provider.At(found);
    }
}
