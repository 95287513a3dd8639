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
          "realm": "shop", "enabled": true, "loginTheme": "mine", "internationalizationEnabled": true, "supportedLocales": ["en", "de"], "defaultLocale": "en",
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}]
        }
        """;

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

    private Task<SignInServer> StartAsync() => SignInServer.StartAsync(Realm, services => services.AddSingleton(new ThemeOptions(_folder)));

    private void Write(string path, string text)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
