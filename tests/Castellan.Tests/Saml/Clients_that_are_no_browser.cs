using System.Net;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Saml;

/// <summary>Sign-ins with name and password in the request (SAML profiles §4.2): only where the provider may, and only of whom nothing else is wanted.</summary>
public sealed class Clients_that_are_no_browser : IAsyncLifetime
{
    private const string Right = "alice:" + ProviderRealm.Password;
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ProviderRealm.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("ecp", Right, false, "Success"), InlineData("ecp-signs", Right, true, "Success")]
    [InlineData("ecp-signs", Right, false, "Fault"), InlineData("plain", Right, false, "Fault"), InlineData("off", Right, true, "Fault"), InlineData("no-flow", Right, true, "Fault")]
    [InlineData("other", Right, true, "Fault"), InlineData("nobody", Right, false, "Fault")]
    [InlineData("ecp-asks", Right, false, "Responder NoPassive"), InlineData("ecp", "alice:wrong", false, "Responder NoPassive"), InlineData("ecp", "alice", false, "page"), InlineData("ecp", "nobody:x", false, "page"), InlineData("ecp", null, false, "page")]
    [InlineData("ecp-nameless", Right, false, "Responder InvalidNameIDPolicy"), InlineData("ecp-keyless", Right, false, "page")]
    [InlineData("ecp", "alice@example.org:" + ProviderRealm.Password, false, "page")]
    [InlineData("ecp", "carl:" + ProviderRealm.Password, false, "Responder NoPassive"), InlineData("ecp", "dave:" + ProviderRealm.Password, false, "Responder NoPassive")]
    public async Task Who_proves_themselves_for_a_provider_that_may_is_signed_in(string issuer, string? basic, bool signed, string expected)
    {
        var message = ProviderRealm.Request(_server, issuer, attributes: $"AssertionConsumerServiceURL=\"{ProviderRealm.Consumer}/paos\"");
        var (status, content) = await ProviderRealm.SoapAsync(_server, signed ? ProviderRealm.Signed(message) : message, basic: basic);
        Assert.Equal(expected switch { "Fault" => HttpStatusCode.InternalServerError, "page" => HttpStatusCode.BadRequest, _ => HttpStatusCode.OK }, status);
        Assert.Equal(expected, content is null ? "page" : content.LocalName == "Fault" ? "Fault" : ProviderRealm.Status(content));
        Assert.Equal(expected == "Success", content.Element("Assertion", SamlNames.Assertion) is not null);
        var realm = await _server.Services.GetRequiredService<IRealms>().FindAsync(ProviderRealm.Name, TestContext.Current.CancellationToken);
        var sessions = await _server.Services.GetRequiredService<ISessions>().CountByClientAsync(realm!.Id, offline: false, ct: TestContext.Current.CancellationToken);
        Assert.Equal(0, sessions.Values.Sum());
    }

    [Fact]
    public async Task Nobody_is_sent_to_an_address_that_is_not_the_providers()
    {
        var message = ProviderRealm.Request(_server, "ecp", attributes: "AssertionConsumerServiceURL=\"https://elsewhere.example/paos\"");
        Assert.Equal("Fault", (await ProviderRealm.SoapAsync(_server, message, basic: Right)).Content?.LocalName);
    }
}
