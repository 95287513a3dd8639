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
    public void The_best_pattern_wins(string uri, string? pattern)
    {
        string[] patterns = ["/albums/*", "/albums/new", "/albums/{id}/photos/{photo}", "/albums/*.html"];
        var resources = patterns.Select(p => new ProtectedResource(new() { Id = p, Name = p, Uris = [p] }, "c", []));
        Assert.Equal(pattern, UriPatterns.Best(resources, uri)?.Id);
    }
}
