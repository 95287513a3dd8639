using Castellan.Core.Vaults;
using Castellan.Server.Mail;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.Tests.Mail;

public sealed class Passwords_of_mail_servers
{
    private static readonly CancellationToken s_ct = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("plain-word", "plain-word")]
    [InlineData("${vault.smtp_password}", "word-of-the-vault")]
    [InlineData("${vault.other}", "${vault.other}")]
    public async Task A_password_may_lie_in_the_vault(string setting, string sent)
    {
        await using var sink = new SmtpSink();
        var folder = Directory.CreateTempSubdirectory("castellan-vault-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "one_smtp__password"), "word-of-the-vault\n", s_ct);
        using var http = new HttpClient();
        var sender = new SmtpSender(http, new FileVault(folder, [VaultKeyForm.RealmUnderscoreKey]), TimeProvider.System, NullLogger<SmtpSender>.Instance);
        var settings = SmtpSettings.Read(new Dictionary<string, string?>
        {
            ["host"] = "127.0.0.1", ["port"] = $"{sink.Port}", ["from"] = "id@example.org", ["auth"] = "true", ["user"] = "castellan", ["password"] = setting,
        })! with
        { Realm = "one" };
        await sender.SendAsync(settings, "alice@example.org", new MailText("Hello", "Hello", "<p>Hello</p>"), s_ct);
        await sink.NextAsync();
        Assert.Equal($"\0castellan\0{sent}", sink.Credentials);
        Directory.Delete(folder, recursive: true);
    }
}
