using System.Net;
using System.Text.RegularExpressions;
using System.Xml;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;

namespace Castellan.Tests.Saml;

/// <summary>Messages that are fetched by an artifact (SAML profiles §5): by whom they are for, and once.</summary>
public sealed class Artifacts_and_their_messages : IAsyncLifetime
{
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ProviderRealm.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Its_provider_alone_gets_the_message_and_a_wrong_attempt_does_not_use_it_up()
    {
        var artifact = await ArtifactAsync("artful-signs");
        foreach (var (issuer, key, status) in new (string, RsaKey?, string)[]
        {
            ("artful-signs", null, "Success"), ("artful-signs", SamlKeys.Strange, "Success"), ("artful", null, "RequestDenied"), ("signs", SamlKeys.Known, "RequestDenied"),
            ("off", SamlKeys.Known, "RequestDenied"), ("other", SamlKeys.Known, "RequestDenied"), ("nobody", null, "RequestDenied"),
        })
        {
            var refused = await ResolveAsync(issuer, artifact, key);
            Assert.True(ProviderRealm.Status(refused) == status && Content(refused) is null, $"{issuer}: {ProviderRealm.Status(refused)}");
        }

        var answer = await ResolveAsync("artful-signs", $" {artifact} ", SamlKeys.Known);
        Assert.True(XmlSignature.Has(answer));
        Assert.NotNull(Content(answer).Element("Assertion", SamlNames.Assertion));
        Assert.Null(Content(await ResolveAsync("artful-signs", artifact, SamlKeys.Known)));
    }

    [Fact]
    public async Task Of_many_who_come_at_once_one_gets_the_message()
    {
        var artifact = await ArtifactAsync("artful");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ResolveAsync("artful", artifact)));
        Assert.Single(answers, a => Content(a) is not null);
    }

    [Fact]
    public async Task Messages_about_a_logout_are_fetched_too_where_the_provider_has_an_address_for_that()
    {
        // Its own logout: the answer waits for it.
        using var browser = await ProviderRealm.SignedInAsync(_server, "artful-leaves");
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Logout(_server, "artful-leaves"), relayState: "there");
        Assert.Equal((HttpStatusCode.Found, "http://localhost:3000/leave"), (browser.Status, browser.Location!.Split('?')[0]));
        Assert.Contains("RelayState=there", browser.Location, StringComparison.Ordinal);
        var answer = await ResolveAsync("artful-leaves", Uri.UnescapeDataString(Regex.Match(browser.Location, "SAMLart=([^&]+)").Groups[1].Value));
        Assert.Equal("http://localhost:3000/leave", answer.Element("LogoutResponse", SamlNames.Protocol).Attribute("Destination"));

        // Somebody else's: the request waits for it.
        using var other = await ProviderRealm.SignedInAsync(_server, "plain", "bob");
        await ProviderRealm.SendAsync(other, SamlBinding.Redirect, ProviderRealm.Request(_server, "artful-leaves"));
        await ProviderRealm.SendAsync(other, SamlBinding.Post, ProviderRealm.Logout(_server, "plain"));
        var asked = await ResolveAsync("artful-leaves", Uri.UnescapeDataString(Regex.Match(other.Location!, "SAMLart=([^&]+)").Groups[1].Value));
        var request = asked.Element("LogoutRequest", SamlNames.Protocol);
        await ProviderRealm.SendAsync(other, SamlBinding.Post, ProviderRealm.LogoutAnswer(_server, "artful-leaves", request.Attribute("ID")!), parameter: RedirectBinding.Response);
        Assert.Equal(["http://localhost:3000/plain/slo"], other.Actions);

        // As Keycloak has it: who forces post and has an address for that gets the message itself, there.
        using var third = await ProviderRealm.SignedInAsync(_server, "artful-posts");
        await ProviderRealm.SendAsync(third, SamlBinding.Redirect, ProviderRealm.Logout(_server, "artful-posts"));
        Assert.Equal(("http://localhost:3000/leave", "LogoutResponse"), (third.Actions[0], ProviderRealm.Message(third)!.LocalName));
    }

    [Theory, InlineData("nonsense"), InlineData("AAQAAA=="), InlineData("AAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), InlineData("AAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public async Task What_stands_for_nothing_gets_nothing(string artifact) => Assert.Null(Content(await ResolveAsync("artful", artifact)));

    [Fact]
    public async Task Other_messages_are_not_taken_there()
    {
        Assert.Equal(HttpStatusCode.InternalServerError, (await ProviderRealm.SoapAsync(_server, ProviderRealm.Request(_server, "plain"), ProviderRealm.Path + "/resolve")).Status);
        Assert.Equal(HttpStatusCode.InternalServerError, (await ProviderRealm.SoapAsync(_server, Resolve("artful", "x"))).Status);
    }

    private async Task<string> ArtifactAsync(string issuer)
    {
        using var browser = _server.Browser();
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, issuer), SamlKeys.Signer(), relayState: "r");
        await browser.SubmitAsync(("username", "alice"), ("password", ProviderRealm.Password));
        Assert.DoesNotContain("SAMLResponse", browser.Text, StringComparison.Ordinal);
        return Regex.Match(browser.Text, "name=\"SAMLart\" value=\"([^\"]+)\"").Groups[1].Value;
    }

    private static string Resolve(string issuer, string artifact) =>
        $"<samlp:ArtifactResolve xmlns:samlp=\"{SamlNames.Protocol}\" xmlns:saml=\"{SamlNames.Assertion}\" ID=\"r-{Guid.NewGuid():n}\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\">"
        + $"<saml:Issuer>{issuer}</saml:Issuer><samlp:Artifact>{artifact}</samlp:Artifact></samlp:ArtifactResolve>";

    private async Task<XmlElement> ResolveAsync(string issuer, string artifact, RsaKey? key = null)
    {
        var message = Resolve(issuer, artifact);
        return (await ProviderRealm.SoapAsync(_server, key is null ? message : ProviderRealm.Signed(message, key), ProviderRealm.Path + "/resolve")).Content!;
    }

    private static XmlElement? Content(XmlElement answer) => answer.Element("Response", SamlNames.Protocol);
}
