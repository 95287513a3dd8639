using System.Text;
using Castellan.Tests.Admin;

namespace Castellan.Tests.Mail;

/// <summary>An administrator tries settings of a mail server before they are saved: the mail goes to the administrator.</summary>
public sealed class Trials_of_mail_servers
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Settings_come_as_json_or_in_a_form(bool form)
    {
        await using var sink = new SmtpSink();
        var settings = $$"""{"host":"127.0.0.1","port":"{{sink.Port}}","from":"id@example.org"}""";
        var world = await AdminWorld.MakeAsync();
        var answer = await TryAsync(world, form ? new FormUrlEncodedContent([new("config", settings)]) : new StringContent(settings, Encoding.UTF8, "application/json"));
        Assert.Equal(204, answer.Status);
        Assert.Equal("chief@example.org", (await sink.NextAsync()).To.Single());
    }

    [Theory]
    [InlineData("config", "not json")]
    [InlineData("config", "")]
    [InlineData("other", "{}")]
    public async Task A_form_without_settings_is_refused(string field, string value)
    {
        var answer = await TryAsync(await AdminWorld.MakeAsync(), new FormUrlEncodedContent([new(field, value)]));
        Assert.Equal(400, answer.Status);
    }

    private static Task<Answer> TryAsync(AdminWorld world, HttpContent settings) =>
        world.CallAsync("POST", $"{world.Realm.Issuer.Replace("/realms/", "/admin/realms/", StringComparison.Ordinal)}/testSMTPConnection", settings);
}
