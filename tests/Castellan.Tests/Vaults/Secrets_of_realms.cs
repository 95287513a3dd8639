using Castellan.CommandLine;
using Castellan.Core.Vaults;
using Castellan.Hosting;

namespace Castellan.Tests.Vaults;

public sealed class Secrets_of_realms : IDisposable
{
    private static readonly CancellationToken s_ct = TestContext.Current.CancellationToken;
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-vault-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_holds_the_secret_of_one_realm()
    {
        Write("one_smtp", "hush\n");
        Write("my__realm_smtp__password", "quiet");
        var vault = new FileVault(_folder, [VaultKeyForm.RealmUnderscoreKey]);
        Assert.Equal("hush", await vault.FindAsync("one", "smtp", s_ct));
        Assert.Equal("quiet", await vault.FindAsync("my_realm", "smtp_password", s_ct));
        Assert.Null(await vault.FindAsync("two", "smtp", s_ct));
        // The same letters, cut elsewhere: another realm's secret stays another realm's.
        Assert.Null(await vault.FindAsync("my", "realm_smtp_password", s_ct));
    }

    [Fact]
    public async Task A_secret_for_all_realms_has_no_realm_in_its_name()
    {
        Write("smtp_password", "all");
        Write("one_smtp__password", "own");
        var vault = new FileVault(_folder, [VaultKeyForm.RealmUnderscoreKey, VaultKeyForm.KeyOnly]);
        Assert.Equal("own", await vault.FindAsync("one", "smtp_password", s_ct));
        Assert.Equal("all", await vault.FindAsync("two", "smtp_password", s_ct));
    }

    [Theory, InlineData("../secret"), InlineData(".."), InlineData("."), InlineData(""), InlineData("a/../../secret"), InlineData("a\\b"), InlineData(".hidden"), InlineData("a\0")]
    public async Task A_key_leads_nowhere_else(string key)
    {
        Write("secret", "x");
        Write(".hidden", "x");
        var inside = Directory.CreateDirectory(Path.Combine(_folder, "vault")).FullName;
        Assert.Null(await new FileVault(inside, [VaultKeyForm.KeyOnly]).FindAsync("one", key, s_ct));
        Assert.Null(await new FileVault(_folder, [VaultKeyForm.KeyOnly]).FindAsync("one", key, s_ct));
    }

    [Fact]
    public async Task A_setting_that_refers_to_no_secret_is_itself()
    {
        Write("one_smtp", "hush");
        var vault = new FileVault(_folder, [VaultKeyForm.RealmUnderscoreKey]);
        Assert.Equal("hush", await vault.ResolveAsync("one", "${vault.smtp}", s_ct));
        Assert.Equal("${vault.other}", await vault.ResolveAsync("one", "${vault.other}", s_ct));
        Assert.Equal("plain", await vault.ResolveAsync("one", "plain", s_ct));
        Assert.Equal("x${vault.smtp}", await vault.ResolveAsync("one", "x${vault.smtp}", s_ct));
        Assert.Null(VaultReferences.Key("${vault.}"));
    }

    // Made by keytool -importpass of OpenJDK 17: kc.db-password = geheim-word, kc.spi-events-listener--webhook--secret = hook-secret-of-some-length.
    private const string MadeByJava =
        "MIIC3QIBAzCCAocGCSqGSIb3DQEHAaCCAngEggJ0MIICcDCCAmwGCSqGSIb3DQEHAaCCAl0EggJZMIICVTCCAQUGCyqGSIb3DQEMCgEFoIGjMIGgBgsqhkiG9w0BDAoBAqCBkASBjTCBijBmBgkqhk"
        + "iG9w0BBQ0wWTA4BgkqhkiG9w0BBQwwKwQUnE8HoHVwC1zzZERrOBPiSBIOpkICAicQAgEgMAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBCVjAWttXlSeYrH+d0XbqbaBCAeZioEbb42cGGF+zgW"
        + "3IaDSm/pRL2HWDr1T1WEIfBWPzFQMCsGCSqGSIb3DQEJFDEeHhwAawBjAC4AZABiAC0AcABhAHMAcwB3AG8AcgBkMCEGCSqGSIb3DQEJFTEUBBJUaW1lIDE3OTU2OTM0NTMzMDEwggFIBgsqhkiG9w"
        + "0BDAoBBaCBszCBsAYLKoZIhvcNAQwKAQKggaAEgZ0wgZowZgYJKoZIhvcNAQUNMFkwOAYJKoZIhvcNAQUMMCsEFCSGLIqkz5rSP8u2uIM40vx8W6V5AgInEAIBIDAMBggqhkiG9w0CCQUAMB0GCWCG"
        + "SAFlAwQBKgQQq7WITakzBkh1uxJW6oZLNgQwracUUNWWKaRMO6O3GxIj631dFfxRFWLR7zEzV+BEubLZQiftcOeO3HumOIn1Nn44MYGCMF0GCSqGSIb3DQEJFDFQHk4AawBjAC4AcwBwAGkALQBlAH"
        + "YAZQBuAHQAcwAtAGwAaQBzAHQAZQBuAGUAcgAtAC0AdwBlAGIAaABvAG8AawAtAC0AcwBlAGMAcgBlAHQwIQYJKoZIhvcNAQkVMRQEElRpbWUgMTc5NTY5MzQ1NTAyODBNMDEwDQYJYIZIAWUDBAIB"
        + "BQAEINwqwZxY4hG9dxcWcxMte38NEn8D1e+yumpgliqPzPgPBBTllTWHcBO4B/Ks4DA0XTEDgxP4lgICJxA=";

    [Fact]
    public async Task A_key_store_that_Java_made_is_read()
    {
        var store = SecretStore.Open("config-keystore", KeyStore(), "storepass", "PKCS12");
        Assert.Equal("geheim-word", store.All["kc.db-password"]);
        Assert.Equal("hook-secret-of-some-length", store.All["kc.spi-events-listener--webhook--secret"]);
        Assert.Equal("geheim-word", await store.Named([VaultKeyForm.KeyOnly]).FindAsync("one", "kc.db-password", s_ct));
        Assert.Null(await store.Named([VaultKeyForm.RealmUnderscoreKey]).FindAsync("one", "kc.db-password", s_ct));
    }

    [Fact]
    public void A_key_store_that_cannot_be_used_stops_the_command()
    {
        var file = KeyStore();
        Refuses(() => SecretStore.Open("config-keystore", file, "wrong", "PKCS12"), "password is wrong");
        Refuses(() => SecretStore.Open("config-keystore", file, null, "PKCS12"), "password");
        Refuses(() => SecretStore.Open("config-keystore", file, "storepass", "JKS"), "keytool -importkeystore");
        Refuses(() => SecretStore.Open("config-keystore", file + "x", "storepass", "PKCS12"), "does not exist");
        File.WriteAllText(file, "no key store");
        Refuses(() => SecretStore.Open("config-keystore", file, "storepass", "PKCS12"), "cannot be read");

        static void Refuses(Action open, string words)
        {
            var refusal = Assert.Throws<CommandException>(open);
            Assert.Equal(2, refusal.ExitCode);
            Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_key_store_gives_what_nothing_else_gave()
    {
        var line = Invocation.Parse("castellan", ["start-dev", "--db-username=cli"]);
        var settings = Settings.Collect(line, new Dictionary<string, string>(), null);
        settings.AddSecrets([new("kc.db-username", "store"), new("kc.db-password", "geheim"), new("other", "x")]);
        Assert.Equal("cli", settings["db-username"]);
        Assert.Equal("geheim", settings["db-password"]);
        Assert.Null(settings.Find("other"));
    }

    private string KeyStore()
    {
        var file = Path.Combine(_folder, "store.p12");
        File.WriteAllBytes(file, Convert.FromBase64String(MadeByJava));
        return file;
    }

    private void Write(string name, string secret) => File.WriteAllText(Path.Combine(_folder, name), secret);
}
