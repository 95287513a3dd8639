using Castellan.Core.Realms;
using Castellan.Server.Pages;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Pages;

/// <summary>A folder makes a theme: style sheet, logo, texts and footer; nothing in it is run, and nothing outside it is served.</summary>
public sealed class Themes : IDisposable
{
    private const string Realm = """
        {
          "realm": "shop", "enabled": true, "loginTheme": "mine", "emailTheme": "mine", "resetPasswordAllowed": true, "loginWithEmailAllowed": true,
          "smtpServer": {"host": "127.0.0.1", "port": "PORT", "from": "shop@example.org"}, "internationalizationEnabled": true, "supportedLocales": ["en", "de"], "defaultLocale": "en",
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A"}]
        }
        """;

    private int _saved;
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-themes").FullName;

    public Themes()
    {
        Write("mine/login/theme.css", ":root { --accent: #b00; }");
        Write("mine/login/logo.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
        Write("mine/login/resources/shop.png", "png");
        Write("mine/login/script.js", "alert(1)");
        Write("mine/login/messages/messages_en.json", """{"doLogIn": "Come in", "footer": "Open <b>daily</b>"}""");
        Write("mine/login/messages/messages_de.json", """{"doLogIn": "Herein"}""");
        Write("secret.css", "secret");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_realm_has_the_colours_logo_words_and_footer_of_its_theme()
    {
        await using var server = await StartAsync();
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        Assert.Contains("/login/mine/theme.css\"", browser.Text, StringComparison.Ordinal);
        Assert.Contains("/login/mine/logo.svg\"", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Come in", browser.Text, StringComparison.Ordinal);
        Assert.Contains("<footer id=\"kc-footer\">Open &lt;b&gt;daily&lt;/b&gt;</footer>", browser.Text, StringComparison.Ordinal);

        await browser.OpenAsync("shop", ("ui_locales", "de"));
        Assert.Contains("Herein", browser.Text, StringComparison.Ordinal);
    }

    /// <summary>One that is not there, as those that come with Keycloak, is ours and not the realm's.</summary>
    [Theory, InlineData("theirs", "/login/theirs/theme.css\""), InlineData("keycloak.v2", null), InlineData("", "/login/mine/theme.css\"")]
    public async Task A_client_may_have_a_theme_of_its_own(string name, string? sheet)
    {
        Write("theirs/login/theme.css", ":root { --accent: #0b0; }");
        var realm = Realm.Replace("\"clientId\": \"web\",", $"\"clientId\": \"web\", \"attributes\": {{\"login_theme\": \"{name}\"}},", StringComparison.Ordinal);
        await using var server = await SignInServer.StartAsync(realm, services => services.AddSingleton(new ThemeOptions(_folder)));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        Assert.Contains(sheet ?? "kc-form-login", browser.Text, StringComparison.Ordinal);
        Assert.Equal(sheet is null, !browser.Text.Contains("/theme.css", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_realms_own_texts_come_before_those_of_its_theme()
    {
        await using var server = await StartAsync();
        var realms = server.Services.GetRequiredService<IRealms>();
        var realm = (await realms.FindAsync("shop", TestContext.Current.CancellationToken))!;
        var settings = realm.Settings.ShallowCopy();
        settings.LocalizationTexts = new() { ["en"] = new() { ["doLogIn"] = "Enter here" } };
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutRealm(settings)), TestContext.Current.CancellationToken);
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        Assert.Contains("Enter here", browser.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mine/theme.css", 200), InlineData("mine/logo.svg", 200), InlineData("mine/resources/shop.png", 200)]
    [InlineData("mine/script.js", 404), InlineData("mine/messages/messages_en.json", 404), InlineData("mine/missing.css", 404), InlineData("other/theme.css", 404)]
    [InlineData("mine/..%2f..%2fsecret.css", 404), InlineData("mine/%2e%2e/%2e%2e/secret.css", 404), InlineData("..%2fsecret.css", 404), InlineData("mine/resources/..%5c..%5c..%5csecret.css", 404)]
    public async Task Only_harmless_files_of_the_theme_are_served(string file, int status)
    {
        await using var server = await StartAsync();
        using var http = new HttpClient();
        using var answer = await http.GetAsync($"{server.Base}/resources/x/login/{file}", TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_realm_that_names_no_theme_that_is_there_looks_like_ours()
    {
        await using var server = await SignInServer.StartAsync(Realm.Replace("mine", "gone", StringComparison.Ordinal), services => services.AddSingleton(new ThemeOptions(_folder)));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        Assert.DoesNotContain("theme.css", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Sign In", browser.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_was_saved_is_shown_at_once_in_development_and_within_a_minute_otherwise()
    {
        await using (var server = await StartAsync(TimeSpan.Zero))
        {
            Assert.True(await SaysAsync(server, "Come in"));
            Save("""{"doLogIn": "Walk in"}""");
            Assert.True(await SaysAsync(server, "Walk in"));

            // Half a file is no reason to show no page.
            Save("""{"doLogIn": "Run""");
            Assert.True(await SaysAsync(server, "Walk in"));
            File.Delete(Path.Combine(_folder, "mine/login/messages/messages_en.json"));
            Assert.True(await SaysAsync(server, "Sign In"));
        }

        Save("""{"doLogIn": "Come in"}""");
        var clock = new Clock();
        await using (var server = await StartAsync(null, clock))
        {
            Assert.True(await SaysAsync(server, "Come in"));
            Save("""{"doLogIn": "Walk in"}""");
            Assert.True(await SaysAsync(server, "Come in"));
            clock.Ahead = TimeSpan.FromSeconds(61);
            Assert.True(await SaysAsync(server, "Walk in"));
        }

        async Task<bool> SaysAsync(SignInServer server, string words)
        {
            using var browser = server.Browser();
            await browser.OpenAsync("shop");
            return browser.Text.Contains($">{words}<", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Mails_have_the_words_of_the_realms_theme_for_mails()
    {
        Write("mine/email/messages/messages_en.json", """{"passwordResetSubject": "Your key", "passwordResetBodyHtml": "<p>Here, <b>{2}</b>: <a href=\"{0}\">go</a><script>x</script></p>"}""");
        await using var sink = new Mail.SmtpSink();
        await using var server = await SignInServer.StartAsync(Realm.Replace("PORT", sink.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal), services => services.AddSingleton(new ThemeOptions(_folder)));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        await browser.GetAsync(browser.Links.First(l => l.Contains("reset-credentials", StringComparison.Ordinal)));
        await browser.SubmitAsync(("username", "alice"));
        var mail = (await sink.NextAsync()).Mail;
        Assert.Equal("Your key", mail.Subject);
        Assert.Contains("<p>Here, <b>Shop</b>: <a href=\"http://", mail.HtmlBody, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", mail.HtmlBody, StringComparison.Ordinal);
        // What the theme does not say, we say.
        Assert.Contains("Someone just requested", mail.TextBody, StringComparison.Ordinal);
    }

    /// <summary>A theme that was made for Keycloak brings its message files along.</summary>
    [Fact]
    public async Task Message_files_of_Keycloak_do_as_they_are()
    {
        Write("mine/login/messages/messages_en.properties", "# ours\ndoLogIn=never shown\nloginAccountTitle=Welcome \\\n    to the shop\nusernameOrEmail: Who\\u0020are you?\n");
        Write("mine/login/messages/messages_pt_BR.properties", "doLogIn=Entre já\n");
        await using var server = await SignInServer.StartAsync(Realm.Replace("\"de\"]", "\"pt-BR\"]", StringComparison.Ordinal), services => services.AddSingleton(new ThemeOptions(_folder)));
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        Assert.Contains("Welcome to the shop", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Who are you?", browser.Text, StringComparison.Ordinal);
        Assert.Contains(">Come in<", browser.Text, StringComparison.Ordinal);
        await browser.OpenAsync("shop", ("ui_locales", "pt-BR"));
        Assert.Contains(">Entre já<", System.Net.WebUtility.HtmlDecode(browser.Text), StringComparison.Ordinal);

        var (_, _, locales) = Assert.Single(server.Services.GetRequiredService<ThemeFolder>().List(), t => t is { Kind: "login", Name: "mine" });
        Assert.Equal(["de", "en", "pt-BR"], locales);
    }

    [Fact]
    public async Task A_broken_message_file_is_no_reason_to_show_no_page()
    {
        Write("mine/login/messages/messages_en.properties", "loginAccountTitle=\\u12");
        await using var server = await StartAsync();
        using var browser = server.Browser();
        await browser.OpenAsync("shop");
        Assert.Contains(">Come in<", browser.Text, StringComparison.Ordinal);
        Assert.Contains("Sign in to your account", browser.Text, StringComparison.Ordinal);
    }

    private Task<SignInServer> StartAsync(TimeSpan? recheck = null, TimeProvider? time = null) => SignInServer.StartAsync(Realm, services =>
    {
        services.AddSingleton(new ThemeOptions(_folder, recheck));
        if (time is not null)
        {
            services.AddSingleton(time);
        }
    });

    private void Save(string texts)
    {
        Write("mine/login/messages/messages_en.json", texts);
        // Clocks of file systems are coarse: two writes of a test may fall into one tick.
        File.SetLastWriteTimeUtc(Path.Combine(_folder, "mine/login/messages/messages_en.json"), DateTime.UtcNow.AddSeconds(++_saved));
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long GetTimestamp() => System.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
    }

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
