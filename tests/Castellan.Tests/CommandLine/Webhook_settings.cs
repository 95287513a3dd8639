using Castellan.CommandLine;
using Castellan.Core.Events;
using Castellan.Hosting;

namespace Castellan.Tests.CommandLine;

public sealed class Webhook_settings
{
    private const string Secret = "a-secret-of-some-length";

    [Fact]
    public void There_is_none_unless_somebody_asks() => Assert.Null(Read());

    [Fact]
    public void Variables_name_it_as_they_name_any_provider()
    {
        var read = Read(("KC_SPI_EVENTS_LISTENER__WEBHOOK__URL", "https://siem.example/in?x=1"), ("KC_SPI_EVENTS_LISTENER__WEBHOOK__SECRET", Secret));
        Assert.Equal(new WebhookOptions(new Uri("https://siem.example/in?x=1"), Secret), read);
    }

    [Theory]
    [InlineData(null, Secret, "url")]
    [InlineData("siem.example", Secret, "url")]
    [InlineData("ftp://siem.example/", Secret, "url")]
    [InlineData("https://user:pass@siem.example/", Secret, "url")]
    [InlineData("https://siem.example/", null, "secret")]
    [InlineData("https://siem.example/", "short", "secret")]
    [InlineData("https://siem.example/", "whsec_c2hvcnQ=", "secret")]
    [InlineData("https://siem.example/", "whsec_this is no base64", "secret")]
    public void What_cannot_work_is_refused_before_anything_runs(string? url, string? secret, string option)
    {
        var refusal = Assert.Throws<CommandException>(() => Read(("KC_SPI_EVENTS_LISTENER__WEBHOOK__URL", url), ("KC_SPI_EVENTS_LISTENER__WEBHOOK__SECRET", secret)));
        Assert.Equal(2, refusal.ExitCode);
        Assert.Contains($"--spi-events-listener--webhook--{option}", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(secret ?? "never", refusal.Message, StringComparison.Ordinal);
    }

    // The example of the specification's own documents.
    [Fact]
    public void A_signature_is_the_one_that_receivers_libraries_make() => Assert.Equal(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSignature.Sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""));

    private static WebhookOptions? Read(params (string Name, string? Value)[] environment) => Webhooks.Read(Settings.Collect(
        Invocation.Parse("castellan", ["start-dev"]), environment.Where(v => v.Value is not null).ToDictionary(v => v.Name, v => v.Value!), null));
}
