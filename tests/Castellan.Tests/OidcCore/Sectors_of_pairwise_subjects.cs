using Castellan.Core.Mappers;
using Castellan.Core.Outbound;
using Castellan.Core.Representations;

namespace Castellan.Tests.OidcCore;

/// <summary>OpenID Connect Core §8.1: the redirect URIs of a client with pairwise subjects have one host, or a document of the sector lists them.</summary>
public sealed class Sectors_of_pairwise_subjects
{
    private const string None = "Client redirect URIs must contain a valid host component.";
    private const string Several = "Without a configured Sector Identifier URI, client redirect URIs must not contain multiple host components.";
    private const string Mismatch = "Client redirect URIs does not match redirect URIs fetched from the Sector Identifier URI.";

    public static TheoryData<string?, string, string?, string?> Clients => new()
    {
        { null, "", null, None },
        { null, "/a", null, None },
        { "http://a.example", "/a http://a.example/b", null, null },
        { "http://a.example", "/a http://b.example/", null, Several },
        { null, "http://a.example/ app:/back", null, Several },
        { null, "http://a.example:1/ http://a.example:2/*", null, null },
        { null, "http://a.example/?{x}", null, "Client contained an invalid redirect URI." },
        { null, "http://a.example/x http://b.example/y", """["http://a.example/x","http://b.example/*"]""", null },
        { null, "http://a.example/x?q=1", """["http://a.example/*"]""", null },
        { null, "http://a.example", """["http://a.example/*"]""", null },
        { "http://a.example", "/x", """["http://a.example/x"]""", null },
        { null, "http://a.example/x", """["http://a.example/"]""", Mismatch },
        { null, "http://a.example/x", "{}", "Failed to get redirect URIs from the Sector Identifier URI." },
        { null, "http://a.example/x", "no document", "Failed to get redirect URIs from the Sector Identifier URI." },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Hold_all_redirect_uris(string? root, string redirects, string? document, string? why)
    {
        var mapper = new ProtocolMapperRepresentation
        {
            Name = "pairwise", Protocol = "openid-connect", ProtocolMapper = "oidc-sha256-pairwise-sub-mapper",
            Config = document is null ? [] : new() { ["sectorIdentifierUri"] = "https://sector.example/list.json" },
        };
        var client = new ClientRepresentation
        {
            ClientId = "app", RootUrl = root, RedirectUris = [.. redirects.Split(' ', StringSplitOptions.RemoveEmptyEntries)], ProtocolMappers = [mapper],
        };
        var completion = new MapperCompletion(new Sector(document));
        Assert.Equal(why, (await completion.CompleteAsync(mapper, client))?.Code);
        Assert.Equal(why, (await completion.CheckAsync(client))?.Description);
        Assert.Null(await completion.CompleteAsync(mapper, client: null));
    }

    private sealed class Sector(string? document) : IFetch
    {
        public ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default) =>
            new(document is null or "no document" ? null : System.Text.Encoding.UTF8.GetBytes(document));

        public ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default) => throw new NotSupportedException();

        public ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default) => throw new NotSupportedException();
    }
}
