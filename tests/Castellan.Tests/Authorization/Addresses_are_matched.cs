using Castellan.Core.Authorization;

namespace Castellan.Tests.Authorization;

public sealed class Addresses_are_matched
{
    [Theory]
    [InlineData("/albums/7", "/albums/*")]
    [InlineData("/albums/7/photos/3", "/albums/{id}/photos/{photo}")]
    [InlineData("/albums/new", "/albums/new")]
    [InlineData("/albums/a.html", "/albums/*.html")]
    [InlineData("/albums", "/albums/*")]
    [InlineData("/else", null)]
    [InlineData("/albumsish", null)]
    [InlineData("/albums/new/", "/albums/new")]
    [InlineData("/albums/new;x=y", "/albums/new")]
    [InlineData("/albums;x=y/new;jsessionid=1/", "/albums/new")]
    [InlineData("/albums/%6E%65w", "/albums/new")]
    [InlineData("/albums/./new", "/albums/new")]
    [InlineData("/albums/7/../new", "/albums/new")]
    [InlineData("/albums/7;x=1/%2e%2e/new", "/albums/new")]
    [InlineData("//albums//new", "/albums/new")]
    [InlineData("/albums/new#top", "/albums/new")]
    [InlineData("/albums/new?x=y", "/albums/new")]
    [InlineData("/albums/7/photos/3/", "/albums/{id}/photos/{photo}")]
    [InlineData("/albums/../else", null)]
    [InlineData("/albums/%2e%2e/else", null)]
    [InlineData("/albums/..%2Felse", null)]
    [InlineData("/albums%2Fnew", null)]
    [InlineData("/albums/%252e%252e", "/albums/*")]
    public void The_best_pattern_wins(string uri, string? pattern)
    {
        string[] patterns = ["/albums/*", "/albums/new", "/albums/{id}/photos/{photo}", "/albums/*.html"];
        var resources = patterns.Select(p => new ProtectedResource(new() { Id = p, Name = p, Uris = [p] }, "c", []));
        Assert.Equal(pattern, UriPatterns.Best(resources, uri)?.Id);
    }
}
