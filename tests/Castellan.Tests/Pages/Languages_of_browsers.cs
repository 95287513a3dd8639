using System.Text.RegularExpressions;
using Castellan.Tests.Login;

namespace Castellan.Tests.Pages;

/// <summary>In which of its languages a realm answers a browser.</summary>
public sealed class Languages_of_browsers
{
    private static string Realm(string supported, bool on = true, string more = "") => $$"""
        {
          "realm": "shop", "enabled": true, "internationalizationEnabled": {{(on ? "true" : "false")}}, "supportedLocales": [{{string.Join(',', supported.Split(' ').Select(l => $"\"{l}\""))}}],{{more}}
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}]
        }
        """;

    /// <summary>A language without a country is any of its countries', and the other way round; two countries are two.</summary>
    [Theory]
    [InlineData("en pt-BR zh-CN", "pt", "pt-BR"), InlineData("en pt-BR zh-CN", "pt-PT", "en"), InlineData("en pt-BR zh-CN", "zh-Hans-CN", "zh-CN")]
    [InlineData("en pt-BR zh-CN", "de,pt;q=0.5", "pt-BR"), InlineData("en pt-BR pt", "pt", "pt"), InlineData("en pt pt-BR", "pt-BR", "pt-BR"), InlineData("en pt", "pt-BR", "pt")]
    [InlineData("en de", "*", "en"), InlineData("en de", "d", "en")]
    public async Task The_language_is_the_one_that_fits_best(string supported, string wanted, string shown)
    {
        await using var server = await SignInServer.StartAsync(Realm(supported));
        using var browser = server.Browser();
        browser.Languages = wanted;
        await browser.OpenAsync("shop");
        Assert.Equal(shown, LanguageOf(browser));
        browser.Languages = null;
        await browser.OpenAsync("shop", ("ui_locales", wanted.Split(',')[0]));
        Assert.Equal(wanted.Contains(',', StringComparison.Ordinal) ? "en" : shown, LanguageOf(browser));
    }

    /// <summary>What a realm would speak by default counts only once it speaks more than one language.</summary>
    [Fact]
    public async Task A_realm_that_is_not_international_speaks_English()
    {
        await using var server = await SignInServer.StartAsync(Realm("de", on: false, "\"defaultLocale\": \"de\","));
        using var browser = server.Browser();
        browser.Languages = "de";
        await browser.OpenAsync("shop");
        Assert.Equal("en", LanguageOf(browser));
    }

    private static string LanguageOf(TestBrowser browser) => Regex.Match(browser.Text, "<html lang=\"([^\"]*)\"").Groups[1].Value;
}
