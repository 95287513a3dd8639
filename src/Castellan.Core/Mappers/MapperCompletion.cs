using System.Text.Json;
using Castellan.Core.Outbound;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Mappers;

/// <summary>What some types of mapper check and fill in when an administrator creates or changes one.</summary>
public sealed class MapperCompletion(IFetch fetch)
{
    /// <summary>Characters that no URI has (RFC 3986 §2).</summary>
    private static readonly System.Buffers.SearchValues<char> s_illegal = System.Buffers.SearchValues.Create(" \"<>\\^`{|}");

    private const string Pairwise = "oidc-sha256-pairwise-sub-mapper";
    private const string Sector = "sectorIdentifierUri";
    private const string Unreachable = "Failed to get redirect URIs from the Sector Identifier URI.";
    private const string Mismatch = "Client redirect URIs does not match redirect URIs fetched from the Sector Identifier URI.";

    /// <summary>Completes the mapper in place; a refusal when it cannot be used.</summary>
    /// <param name="client">The client that it belongs to; null for a client scope.</param>
    public async ValueTask<ProtocolError?> CompleteAsync(ProtocolMapperRepresentation mapper, ClientRepresentation? client, CancellationToken ct = default)
    {
        Fill(mapper);
        return mapper.ProtocolMapper == Pairwise && client is not null ? await CheckSectorAsync(mapper.Config!.GetValueOrDefault(Sector), client, ct) : null;
    }

    /// <summary>What is wrong with the mappers of a client that is made or changed; they hang on its redirect URIs.</summary>
    public async ValueTask<ProtocolError?> CheckAsync(ClientRepresentation client, CancellationToken ct = default)
    {
        foreach (var mapper in client.ProtocolMappers ?? [])
        {
            if (mapper.ProtocolMapper == Pairwise && await CheckSectorAsync(mapper.Config?.GetValueOrDefault(Sector), client, ct) is { } unfit)
            {
                return unfit;
            }
        }

        return null;
    }

    /// <summary>Fills in what a type of mapper wants and the configuration does not say.</summary>
    public static void Fill(ProtocolMapperRepresentation mapper)
    {
        mapper.Config ??= [];
        switch (mapper.ProtocolMapper)
        {
            case "oidc-group-membership-mapper":
                mapper.Config.TryAdd("multivalued", "true");
                break;
            case Pairwise when string.IsNullOrWhiteSpace(mapper.Config.GetValueOrDefault("pairwiseSubAlgorithmSalt")):
                mapper.Config["pairwiseSubAlgorithmSalt"] = Ids.New();
                break;
        }
    }

    /// <summary>OpenID Connect Core §8.1: one host for all redirect URIs, or a document of the sector that lists them all.</summary>
    private async ValueTask<ProtocolError?> CheckSectorAsync(string? sector, ClientRepresentation client, CancellationToken ct)
    {
        var redirects = Redirects(client);
        if (string.IsNullOrEmpty(sector))
        {
            return CheckHosts(redirects);
        }

        if (!Uri.TryCreate(sector, UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            return new("Invalid Sector Identifier URI.", "Malformed Sector Identifier URI.");
        }

        if (address.Scheme is not ("http" or "https") || await fetch.GetAsync(sector, "application/json", 64 * 1024, ct) is not { } body || Read(body) is not { } listed)
        {
            return new(Unreachable, Unreachable);
        }

        return redirects.TrueForAll(r => listed.Exists(l => Covers(l, r))) ? null : new(Mismatch, Mismatch);
    }

    /// <summary>The redirect URIs of a client, relative ones below its root; without a root they lie nowhere.</summary>
    private static List<string> Redirects(ClientRepresentation client) =>
        [.. (client.RedirectUris ?? []).Select(r => !r.StartsWith('/') ? r : client.RootUrl is { Length: > 0 } root ? root + r : "").Where(r => !string.IsNullOrWhiteSpace(r))];

    private static ProtocolError? CheckHosts(List<string> redirects)
    {
        if (redirects.Exists(r => r.AsSpan().IndexOfAny(s_illegal) >= 0))
        {
            const string malformed = "Client contained an invalid redirect URI.";
            return new(malformed, malformed);
        }

        // What has no host has none in common with the others either.
        var hosts = redirects.Select(r => Uri.TryCreate(r, UriKind.Absolute, out var uri) ? uri.Host : "").Distinct(StringComparer.Ordinal).Count();
        const string none = "Client redirect URIs must contain a valid host component.";
        const string several = "Without a configured Sector Identifier URI, client redirect URIs must not contain multiple host components.";
        return hosts switch
        {
            0 => new(none, none),
            1 => null,
            _ => new(several, several),
        };
    }

    /// <summary>Whether an entry of the sector's document is for a redirect URI: it may end in a star, and then queries do not matter.</summary>
    private static bool Covers(string listed, string redirect)
    {
        if (!listed.EndsWith('*') || listed.Contains('?', StringComparison.Ordinal))
        {
            return listed == redirect;
        }

        var (prefix, path) = (listed[..^1], redirect.Split('?')[0]);
        return path.StartsWith(prefix, StringComparison.Ordinal) || (prefix.EndsWith('/') && path == prefix[..^1]);
    }

    private static List<string>? Read(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.EnumerateArray().Select(e => e.GetString() ?? "").ToList();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
