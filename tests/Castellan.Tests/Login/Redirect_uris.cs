using Castellan.Core.Authorize;

namespace Castellan.Tests.Login;

/// <summary>CVE-2024-8883, CVE-2026-3872, CVE-2026-7504, CVE-2026-28512, CVE-2024-52289, CVE-2026-41569, CVE-2026-9086: one corpus of hostile addresses.</summary>
public sealed class Redirect_uris
{
    private static readonly string[] s_registered =
    [
        "https://app.example/callback", "https://app.example/wild/*", "http://localhost/native", "com.example.app:/oauth", "https://good.example/*", "http://127.0.0.1/cb/*",
    ];

    public static TheoryData<string> Good => new(
        "https://app.example/callback", "https://app.example/wild/", "https://app.example/wild", "https://app.example/wild/deep/er?x=1#part", "http://localhost/native",
        "http://localhost:49152/native", "com.example.app:/oauth", "https://good.example/", "https://good.example/a.b/c..d", "http://127.0.0.1:8123/cb/x");

    /// <summary>Endings, prefixes and spellings that some reader takes for something else, over every registered host.</summary>
    public static TheoryData<string> Hostile
    {
        get
        {
            var all = new TheoryData<string>(
                "", " ", "*", "/callback", "//app.example/callback", "///app.example/callback", "https:app.example/callback", "https:/app.example/callback", "https:///app.example/callback",
                "HTTPS://app.example/callback", "https://APP.example/callback", "https://app.example:443/callback", "https://app.example:8443/callback", "http://app.example/callback",
                "https://app.example/Callback", "https://app.example/callback/", "https://app.example/callback?", "https://app.example/callback?a=b", "https://app.example/callback#f",
                "https://app.example/callback;x", "https://app.example/callback/..", "https://app.example/callback%2f", "https://app.example/callback%00", "https://app.example/%63allback",
                "https://app.example./callback", "https://app.example.evil.tld/callback", "https://app.example@evil.tld/callback", "https://app.example:pw@evil.tld/callback",
                "https://evil.tld/https://app.example/callback", "https://evil.tld?https://app.example/callback", "https://evil.tld#https://app.example/callback",
                "https://evil.tld\\@app.example/callback", "https://app.example\\.evil.tld/callback", "https://app.example\\@evil.tld/callback", "https://fooapp.example/callback",
                "https://appaexample/callback", "https://app.example%2eevil.tld/callback", "https://app.example%00.evil.tld/callback", "https://app.example%0a.evil.tld/callback",
                "https://аpp.example/callback", "https://app。example/callback", "https://app.example/callback\u200b", "https://app.example\t/callback", "https://app.exa\nmple/callback",
                "\thttps://app.example/callback", " https://app.example/callback", "https://app.example/callback ", "https://app.example/callback\r\nSet-Cookie: a=b", "https://app.example/call\tback",
                "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "javascript://app.example/callback%0aalert(1)", "data:text/html,<script>", "DATA:text/html,x", "vbscript:x", "file:///etc/passwd",
                "blob:https://app.example/callback", "view-source:https://app.example/callback", "about:blank", "feed:javascript:alert(1)", "com.example.app:/oauth/x", "com.example.app://oauth", "com.example.app:/oauth?x", "COM.example.app:/oauth",
                "http://localhost:0x50/native", "http://localhost:/native", "http://localhost:80a/native", "http://localhost.evil.tld/native", "http://localhost:80@evil.tld/native", "http://localhost:1/native/x",
                "http://localhost:1/nativ", "https://localhost/native", "https://localhost:1/native", "http://[::1]/native", "http://127.0.0.1/native", "http://0.0.0.0/native", "http://2130706433/native", "http://localhost#@evil.tld/native",
                "http://localhost?.evil.tld/native", "http://127.0.0.1.evil.tld/cb/x", "http://127.0.0.1:1@evil.tld/cb/x", "http://127.0.0.1:1.evil.tld/cb/x", "http://127.0.0.1:1/cbx", "http://127.1/cb/x",
                "https://good.example.evil.tld/", "https://good.exampleevil.tld/", "https://good.example:1/", "https://good.example@evil.tld/", "https://good.example%2f@evil.tld/", "https://xgood.example/", "https://good.example%23.evil.tld/");
            foreach (var below in (ReadOnlySpan<string>)["https://app.example/wild/", "https://good.example/", "http://127.0.0.1/cb/", "http://127.0.0.1:81/cb/"])
            {
                foreach (var climb in (ReadOnlySpan<string>)
                    ["..", "../", "../evil", "a/../../evil", "./x", ".", "%2e%2e/evil", "%2E%2e/evil", ".%2e/evil", "%252e%252e/evil", "%25252e%25252e/evil", "..%2fevil", "..%5cevil", "..\\evil", "a\\..\\evil",
                     "..;/evil", "..;x=y/evil", "%2e%2e;/evil", ";/../evil", "a%2f..%2fevil", "a%00b", "%2e%2e%2fevil", "..%252fevil", "a/..%3b/evil/..", "\u2025/evil", "a b", "a\tb", "a\nb", "<script>", "\"x", "`x", "{x}", "a|b", "^x"])
                {
                    all.Add(below + climb);
                }
            }

            return all;
        }
    }

    [Theory, MemberData(nameof(Good))]
    public void An_address_of_the_client_is_taken(string uri) => Assert.True(RedirectUris.Matches(uri, s_registered));

    [Theory, MemberData(nameof(Hostile))]
    public void A_hostile_address_is_refused(string uri) => Assert.False(RedirectUris.Matches(uri, s_registered));

    /// <summary>What passes must be what a browser's own parser reads: same host, and still below what was registered.</summary>
    [Theory, MemberData(nameof(Good))]
    public void What_is_taken_reads_the_same_to_another_parser(string uri)
    {
        var parsed = new Uri(uri);
        Assert.Contains(s_registered, r => new Uri(r.TrimEnd('*')) is var registered && registered.Scheme == parsed.Scheme && registered.Host == parsed.Host
            && parsed.AbsolutePath.StartsWith(registered.AbsolutePath.TrimEnd('/'), StringComparison.Ordinal));
    }

    [Fact]
    public void A_bare_star_is_any_web_address_and_no_program()
    {
        Assert.True(RedirectUris.Matches("https://anywhere.example/x", ["*"]));
        Assert.False(RedirectUris.Matches("javascript:alert(1)", ["*"]));
        Assert.False(RedirectUris.Matches("custom:/x", ["*"]));
    }

    [Fact]
    public void A_star_behind_the_host_does_not_extend_it() => Assert.False(RedirectUris.Matches("https://app.example.evil.tld/", ["https://app.example*"]));
}
