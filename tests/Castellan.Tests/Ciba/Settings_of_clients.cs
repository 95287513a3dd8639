using Castellan.CommandLine;
using Castellan.Core.Clients;
using Castellan.Core.Representations;
using Castellan.Hosting;

namespace Castellan.Tests.Ciba;

/// <summary>What clients and the operator may say.</summary>
public sealed class Settings_of_clients
{
    [Theory]
    [InlineData(null, null, null, null, null)]
    [InlineData("poll", "", "ES256", null, null)]
    [InlineData("ping", "https://app.example/cb", "none", null, null)]
    [InlineData("ping", "http://localhost:3000/cb", null, null, null)]
    [InlineData("push", null, null, null, "Unsupported requested CIBA Backchannel Token Delivery Mode")]
    [InlineData(null, null, null, "push", "Unsupported requested CIBA Backchannel Token Delivery Mode")]
    [InlineData("ping", null, null, null, "CIBA Backchannel Client Notification Endpoint must be set for the CIBA ping mode")]
    [InlineData(null, null, null, "ping", "CIBA Backchannel Client Notification Endpoint must be set for the CIBA ping mode")]
    [InlineData("poll", "http://app.example/cb", null, "ping", "The url [backchannel_client_notification_endpoint] requires secure connections")]
    [InlineData("poll", "app.example/cb", null, null, "The url [backchannel_client_notification_endpoint] is malformed")]
    [InlineData("poll", "ftp://app.example/cb", null, null, "Invalid protocol/scheme for url [backchannel_client_notification_endpoint]")]
    [InlineData("poll", null, "HS256", null, "Unsupported requested CIBA Backchannel Authentication Request Signing Algorithm")]
    [InlineData("poll", null, "XX256", null, "Unsupported requested CIBA Backchannel Authentication Request Signing Algorithm")]
    public void What_cannot_work_is_refused(string? mode, string? endpoint, string? algorithm, string? modeOfRealm, string? refusal) => Assert.Equal(refusal, ClientValidation.Refuse(
        new ClientRepresentation
        {
            Attributes = new()
            {
                ["oidc.ciba.grant.enabled"] = "true", ["ciba.backchannel.token.delivery.mode"] = mode, ["ciba.backchannel.client.notification.endpoint"] = endpoint,
                ["ciba.backchannel.auth.request.signing.alg"] = algorithm,
            },
        },
        new RealmRepresentation { Attributes = new() { ["cibaBackchannelTokenDeliveryMode"] = modeOfRealm! } }));

    [Fact]
    public void There_is_no_channel_unless_somebody_asks() => Assert.Null(Read(null).Address);

    [Fact]
    public void Variables_name_it_as_they_name_any_provider() => Assert.Equal(new Uri("http://devices:8080/ask"), Read("http://devices:8080/ask").Address);

    [Theory, InlineData("devices:8080"), InlineData("ftp://devices/"), InlineData("https://user:pass@devices/"), InlineData("https://devices/#a")]
    public void A_channel_that_cannot_work_is_refused_before_anything_runs(string address) =>
        Assert.Contains("--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri", Assert.Throws<CommandException>(() => Read(address)).Message, StringComparison.Ordinal);

    private static Core.Ciba.CibaChannelOptions Read(string? address) => CibaChannels.Read(Settings.Collect(
        Invocation.Parse("castellan", ["start-dev"]),
        address is null ? [] : new Dictionary<string, string> { ["KC_SPI_CIBA_AUTH_CHANNEL__CIBA_HTTP_AUTH_CHANNEL__HTTP_AUTHENTICATION_CHANNEL_URI"] = address }, null));
}
