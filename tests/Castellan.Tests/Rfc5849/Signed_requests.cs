using Castellan.Protocol.Messages;

namespace Castellan.Tests.Rfc5849;

public sealed class Signed_requests
{
    /// <summary>The worked example of the one service that we speak OAuth 1.0 with ("Creating a signature" of its documentation).</summary>
    [Fact]
    public void A_signature_covers_method_address_query_form_and_protocol_parameters()
    {
        var signer = new OAuth1(
            "xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE");
        var header = signer.Authorize(
            "POST", "https://api.twitter.com/1/statuses/update.json?include_entities=true", [], "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", 1318622958,
            [new("status", "Hello Ladies + Gentlemen, a signed OAuth request!")]);
        Assert.Contains("oauth_signature=\"tnnArxj06cWHq44gCs1OSKk%2FjLY%3D\"", header, StringComparison.Ordinal);
        Assert.StartsWith("OAuth oauth_consumer_key=\"xvz1evFS4wEEPTGEFPHBog\", ", header, StringComparison.Ordinal);
        Assert.DoesNotContain("status", header, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_secret_parameter_or_moment_makes_another_signature()
    {
        static string Signature(OAuth1 signer, string method = "POST", string address = "https://service.example/a?b=c", string nonce = "n", long at = 1) =>
            signer.Authorize(method, address, [new("oauth_callback", "https://here.example/?state=a.b")], nonce, at).Split("oauth_signature=")[1];
        var signer = new OAuth1("key", "secret");
        string[] all =
        [
            Signature(signer), Signature(signer with { Secret = "other" }), Signature(signer with { TokenSecret = "t" }), Signature(signer with { Token = "t" }), Signature(signer, "GET"),
            Signature(signer, address: "https://service.example/a?b=d"), Signature(signer, address: "https://service.example/b?b=c"), Signature(signer, nonce: "m"), Signature(signer, at: 2),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(all[0], Signature(signer));
    }
}
