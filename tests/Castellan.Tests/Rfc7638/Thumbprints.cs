using System.Text;
using Castellan.Protocol.Jose;
using Xunit;

namespace Castellan.Tests.Rfc7638;

public sealed class Thumbprints
{
    [Theory]
    [InlineData("""{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}""", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}""", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    public void The_examples_of_RFC_7638_and_RFC_8037_hold(string jwk, string thumbprint)
    {
        Assert.True(Jwk.TryParse(Encoding.UTF8.GetBytes(jwk), out var parsed));
        Assert.Equal(thumbprint, parsed.Thumbprint());
    }

    [Theory]
    [InlineData("""{"kty":"RSA","e":"AQAB"}""")]
    [InlineData("""{"kty":"EC","crv":"P-256\",\"x","x":"AA","y":"AA"}""")]
    [InlineData("""{"kty":"new"}""")]
    public void A_key_that_lacks_a_member_has_none(string jwk)
    {
        Assert.True(Jwk.TryParse(Encoding.UTF8.GetBytes(jwk), out var parsed));
        Assert.Null(parsed.Thumbprint());
    }
}
