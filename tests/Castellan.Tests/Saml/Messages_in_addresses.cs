using System.IO.Compression;
using System.Text;
using Castellan.Protocol.Saml;

namespace Castellan.Tests.Saml;

/// <summary>The redirect binding (SAML bindings §3.4).</summary>
public sealed class Messages_in_addresses
{
    private static readonly byte[] s_message = Encoding.UTF8.GetBytes("<samlp:AuthnRequest ID=\"r1\"/>");

    [Fact]
    public void A_message_comes_out_as_it_went_in()
    {
        var query = RedirectBinding.Query(RedirectBinding.Request, s_message, null, null);
        Assert.StartsWith("SAMLRequest=", query, StringComparison.Ordinal);
        Assert.DoesNotContain('&', query);
        Assert.Equal(s_message, RedirectBinding.Inflate(Uri.UnescapeDataString(query["SAMLRequest=".Length..])));
    }

    [Theory, InlineData(""), InlineData("not base64!"), InlineData("bm90IGRlZmxhdGVk")]
    public void What_is_not_deflated_base64_is_no_message(string value) => Assert.Null(RedirectBinding.Inflate(value));

    [Theory, InlineData(0, true), InlineData(1, false), InlineData(100_000_000, false)]
    public void A_message_unfolds_to_no_more_than_it_may(int beyond, bool passes)
    {
        var bomb = new MemoryStream();
        using (var deflate = new DeflateStream(bomb, CompressionLevel.Optimal, leaveOpen: true))
        {
            var block = new byte[1 << 16];
            for (var left = RedirectBinding.MaxInflated + beyond; left > 0; left -= block.Length)
            {
                deflate.Write(block, 0, Math.Min(left, block.Length));
            }
        }

        Assert.Equal(passes, RedirectBinding.Inflate(Convert.ToBase64String(bomb.ToArray())) is not null);
    }

    [Theory, InlineData("RSA_SHA1"), InlineData("RSA_SHA256"), InlineData("RSA_SHA512"), InlineData("RSA_SHA256_MGF1")]
    public void A_signed_query_holds(string algorithm)
    {
        var query = Signed(algorithm);
        Assert.True(RedirectBinding.Verify(query, [SamlKeys.Known]));
        Assert.True(RedirectBinding.Verify("?" + query, [SamlKeys.Strange, SamlKeys.Known]));
        Assert.False(RedirectBinding.Verify(query, [SamlKeys.Strange]));
    }

    [Fact]
    public void The_order_of_parameters_and_strangers_among_them_do_not_matter()
    {
        var parts = Signed().Split('&');
        Assert.True(RedirectBinding.Verify(string.Join('&', parts.Reverse().Prepend("x=y")), [SamlKeys.Known]));
    }

    public static TheoryData<string, Func<string, string>> Changes => new()
    {
        { "no signature", q => q[..q.IndexOf("&Signature", StringComparison.Ordinal)] },
        { "an empty signature", q => q[..q.IndexOf("&Signature", StringComparison.Ordinal)] + "&Signature=" },
        { "no algorithm", q => string.Join('&', q.Split('&').Where(p => !p.StartsWith("SigAlg", StringComparison.Ordinal))) },
        { "an unknown algorithm", q => q.Replace("rsa-sha256", "none", StringComparison.Ordinal) },
        { "another algorithm", q => q.Replace("rsa-sha256", "rsa-sha512", StringComparison.Ordinal) },
        { "no relay state", q => string.Join('&', q.Split('&').Where(p => !p.StartsWith("RelayState", StringComparison.Ordinal))) },
        { "another relay state", q => q.Replace("RelayState=", "RelayState=x", StringComparison.Ordinal) },
        { "escaped another way", q => q.Replace("RelayState=a", "RelayState=%61", StringComparison.Ordinal) },
        { "a relay state twice", q => q + "&RelayState=b" },
        { "a message twice", q => q + "&SAMLRequest=b" },
        { "another message before it in other letters", q => "samlrequest=b&" + q },
        { "another message before it, escaped", q => "SAML%52equest=b&" + q },
        { "a relay state in other letters", q => q + "&relaystate=b" },
        { "a signature escaped", q => q.Replace("Signature=", "%53ignature=", StringComparison.Ordinal) },
        { "both kinds of messages", q => q + "&SAMLResponse=b" },
        { "the other kind of message", q => q.Replace("SAMLRequest", "SAMLResponse", StringComparison.Ordinal) },
        { "nothing", _ => "" },
    };

    [Theory, MemberData(nameof(Changes))]
    public void A_changed_query_is_not_what_was_signed(string change, Func<string, string> forge)
    {
        Assert.NotEmpty(change);
        Assert.False(RedirectBinding.Verify(forge(Signed()), [SamlKeys.Known]));
    }

    private static string Signed(string algorithm = "RSA_SHA256") => RedirectBinding.Query(RedirectBinding.Request, s_message, "a&b", SamlKeys.Signer(null, algorithm));
}
