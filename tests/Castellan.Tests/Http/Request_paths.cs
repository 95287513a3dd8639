using Castellan.Server.Http;

namespace Castellan.Tests.Http;

public sealed class Request_paths
{
    [Theory]
    [InlineData("/")]
    [InlineData("/realms/master")]
    [InlineData("/realms/master/")]
    [InlineData("/realms/a%2Fb")]
    [InlineData("/realms/a%5Cb")]
    [InlineData("/realms/master%20")]
    [InlineData("/realms/%C3%A9")]
    [InlineData("/realms/master/.well-known/openid-configuration")]
    [InlineData("/realms/a..b/c.")]
    [InlineData("/realms/master?x=//;..%41")]
    public void An_address_with_one_reading_passes(string target) => Assert.Null(RequestPaths.Check(target));

    [Theory]
    [InlineData("/realms//master")]
    [InlineData("//realms/master")]
    [InlineData("/realms/./master")]
    [InlineData("/realms/x/../master")]
    [InlineData("/realms/master/..")]
    [InlineData("/realms/master/.")]
    [InlineData("/../etc/passwd")]
    [InlineData("/realms/%2e%2e/x")]
    [InlineData("/realms/%6daster")]
    [InlineData("/realms/%7Emaster")]
    [InlineData("/realms/a%20b%5Fc")]
    public void An_address_that_is_not_normalized_is_refused(string target) => Assert.Equal(PathFault.NotNormalized, RequestPaths.Check(target));

    [Theory]
    [InlineData("/realms/%zz")]
    [InlineData("/realms/master%2")]
    [InlineData("/realms/master%")]
    [InlineData("/realms/master?x=%zz")]
    [InlineData("/realms/master?%")]
    public void A_broken_escape_is_refused(string target) => Assert.Equal(PathFault.BrokenEscape, RequestPaths.Check(target));

    [Fact]
    public void A_path_parameter_is_refused() => Assert.Equal(PathFault.Semicolon, RequestPaths.Check("/realms/master;a=b"));
}
