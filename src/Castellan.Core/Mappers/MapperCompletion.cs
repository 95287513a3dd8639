using System.Text.Json;
using Castellan.Core.Outbound;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Mappers;

/// <summary>What some types of mapper check and fill in when an administrator creates or changes one.</summary>
public sealed class MapperCompletion(IFetch fetch)
{
    private const string Pairwise = "oidc-sha256-pairwise-sub-mapper";
    private const string Unreachable = "Failed to get redirect URIs from the Sector Identifier URI.";
    private const string Mismatch = "Client redirect URIs does not match redirect URIs fetched from the Sector Identifier URI.";

    /// <summary>Completes the mapper in place; a refusal when it cannot be used.</summary>
    /// <param name="client">The client that it belongs to; null for a client scope.</param>
    public async ValueTask<ProtocolError?> CompleteAsync(ProtocolMapperRepresentation mapper, ClientRepresentation? client, CancellationToken ct = default)
    {
        Fill(mapper);
        return mapper.ProtocolMapper == Pairwise ? await CheckSectorAsync(mapper.Config!.GetValueOrDefault("sectorIdentifierUri"), client, ct) : null;
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
            case Pairwise when string.IsNullOrEmpty(mapper.Config.GetValueOrDefault("pairwiseSubAlgorithmSalt")):
                mapper.Config["pairwiseSubAlgorithmSalt"] = Ids.New();
                break;
        }
    }

    /// <summary>OpenID Connect Core §8.1: one host for all redirect URIs, or a document of the sector that lists them all.</summary>
    private async ValueTask<ProtocolError?> CheckSectorAsync(string? sector, ClientRepresentation? client, CancellationToken ct)
    {
        var redirects = client?.RedirectUris ?? [];
        if (string.IsNullOrEmpty(sector))
        {
            var hosts = redirects.Select(r => Uri.TryCreate(r, UriKind.Absolute, out var uri) ? uri.Host : null).OfType<string>().Distinct().Count();
            const string several = "Without a configured Sector Identifier URI, client redirect URIs must not contain multiple host components.";
            return hosts > 1 ? new(several, several) : null;
        }

        if (!Uri.TryCreate(sector, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return new("Invalid Sector Identifier URI.", "Malformed Sector Identifier URI.");
        }

        if (await fetch.GetAsync(sector, "application/json", 64 * 1024, ct) is not { } body || Read(body) is not { } listed)
        {
            return new(Unreachable, Unreachable);
        }

        return redirects.TrueForAll(listed.Contains) ? null : new(Mismatch, Mismatch);
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
