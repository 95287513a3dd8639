namespace Castellan.Tests.Security;

/// <summary>
/// Addresses that some reader takes for something else than a client registered, from a table: spellings of the registered ones, hosts that only look
/// like them, programs in place of addresses, ways out of a wildcard's path. Every place that takes an address is held against all of them.
/// </summary>
internal static class HostileUris
{
    /// <summary>What the client of the tests registered: whole addresses, wildcards, loopback, a scheme of its own.</summary>
    public static readonly string[] Registered =
    [
        "https://app.example/callback", "https://app.example/wild/*", "http://localhost/native", "com.example.app:/oauth", "https://good.example/*", "http://127.0.0.1/cb/*",
    ];

    /// <summary>Addresses that are the client's.</summary>
    public static readonly string[] Good =
    [
        "https://app.example/callback", "https://app.example/wild/", "https://app.example/wild", "https://app.example/wild/deep/er?x=1#part", "http://localhost/native",
        "http://localhost:49152/native", "com.example.app:/oauth", "https://good.example/", "https://good.example/a.b/c..d", "http://127.0.0.1:8123/cb/x",
    ];

    /// <summary>Programs and other things that no browser may be sent to, and no client may register.</summary>
    public static readonly string[] Programs =
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "javascript://app.example/callback%0aalert(1)", "JAVASCRIPT://%250aalert(1)", "data:text/html,x", "DATA:text/html;base64,eA==", "vbscript:x", "VbScript:msgbox(1)",
    ];

    private static readonly string[] s_whole =
    [
        " ", "*", "/", "/callback", "//app.example/callback", "///app.example/callback", "\\\\app.example\\callback", "https:app.example/callback", "https:/app.example/callback", "https:///app.example/callback", "://app.example/callback",
        "app.example/callback", "HTTPS://app.example/callback", "https://APP.example/callback", "https://app.example:443/callback", "https://app.example:8443/callback", "http://app.example/callback", "ftp://app.example/callback",
        "https://app.example/Callback", "https://app.example/callback/", "https://app.example/callback?", "https://app.example/callback?a=b", "https://app.example/callback#f", "https://app.example/callback#",
        "https://app.example/callback;x", "https://app.example/callback/..", "https://app.example/callback/.", "https://app.example/x/../callback", "https://app.example//callback", "https://app.example/./callback",
        "https://app.example/callback%2f", "https://app.example/callback%00", "https://app.example/%63allback", "https://app.example/callback%0d%0aSet-Cookie:a=b",
        "https://app.example./callback", "https://app.example.evil.tld/callback", "https://app.example@evil.tld/callback", "https://app.example:pw@evil.tld/callback", "https://@app.example/callback", "https://user@app.example/callback",
        "https://evil.tld/https://app.example/callback", "https://evil.tld?https://app.example/callback", "https://evil.tld#https://app.example/callback", "https://evil.tld/?u=https://app.example/callback",
        "https://evil.tld\\@app.example/callback", "https://app.example\\.evil.tld/callback", "https://app.example\\@evil.tld/callback", "https:\\\\app.example\\callback", "https://fooapp.example/callback",
        "https://appaexample/callback", "https://app.example%2eevil.tld/callback", "https://app.example%00.evil.tld/callback", "https://app.example%0a.evil.tld/callback", "https://app.example%2f.evil.tld/callback", "https://app.example%252f@evil.tld/callback",
        "https://\u0430pp.example/callback", "https://app\u3002example/callback", "https://app.example/callback\u200b", "https://app.ex\u00adample/callback", "https://\uff41pp.example/callback", "https://xn--pp-7cd.example/callback",
        "https://app.example\t/callback", "https://app.exa\nmple/callback", "\thttps://app.example/callback", " https://app.example/callback", "https://app.example/callback ", "https://app.example/callback\r\nSet-Cookie: a=b",
        "https://app.example/call\tback", "https://app.example/callback\0", "https://app.example/callback\u0001", "https://[app.example]/callback", "https://app.example:/callback", "https://app.example:99999/callback",
        "java\nscript:alert(1)", "java\tscript:alert(1)", "\u0001javascript:alert(1)", "file:///etc/passwd", "FILE:///etc/passwd", "blob:https://app.example/callback", "view-source:https://app.example/callback", "about:blank", "filesystem:https://app.example/x",
        "feed:javascript:alert(1)", "intent://app.example/callback#Intent;scheme=https;end", "com.example.app:/oauth/x", "com.example.app://oauth", "com.example.app:/oauth?x", "COM.example.app:/oauth", "com.example.app:oauth", "com.example.application:/oauth",
        "http://localhost:0x50/native", "http://localhost:/native", "http://localhost:80a/native", "http://localhost:-1/native", "http://localhost.evil.tld/native", "http://localhost:80@evil.tld/native", "http://localhost:1/native/x",
        "http://localhost:1/nativ", "http://localhost:1native", "https://localhost/native", "https://localhost:1/native", "http://[::1]/native", "http://127.0.0.1/native", "http://0.0.0.0/native", "http://2130706433/native", "http://localhost#@evil.tld/native",
        "http://localhost?.evil.tld/native", "http://localhost:1?/native", "http://LOCALHOST:1/native", "http://127.0.0.1.evil.tld/cb/x", "http://127.0.0.1:1@evil.tld/cb/x", "http://127.0.0.1:1.evil.tld/cb/x", "http://127.0.0.1:1/cbx", "http://127.1/cb/x",
        "http://0x7f000001/cb/x", "http://127.0.0.1:1", "http://127.0.0.2/cb/x", "http://[::ffff:127.0.0.1]/cb/x", "http://127.0.0.1:1:2/cb/x",
        "https://good.example.evil.tld/", "https://good.exampleevil.tld/", "https://good.example:1/", "https://good.example@evil.tld/", "https://good.example%2f@evil.tld/", "https://xgood.example/", "https://good.example%23.evil.tld/", "https://good.example*", "https://*/",
    ];

    private static readonly string[] s_wildcards = ["https://app.example/wild/", "https://good.example/", "http://127.0.0.1/cb/", "http://127.0.0.1:81/cb/"];

    private static readonly string[] s_climbs =
    [
        "..", "../", "../evil", "a/../../evil", "./x", ".", "%2e%2e/evil", "%2E%2e/evil", ".%2e/evil", "%252e%252e/evil", "%25252e%25252e/evil", "..%2fevil", "..%5cevil", "..\\evil", "a\\..\\evil",
        "..;/evil", "..;x=y/evil", "%2e%2e;/evil", ";/../evil", "a%2f..%2fevil", "a%00b", "%2e%2e%2fevil", "..%252fevil", "a/..%3b/evil/..", "\u2025/evil", "a b", "a\tb", "a\nb", "<script>", "\"x", "`x", "{x}", "a|b", "^x",
    ];

    private static readonly string[] s_hosts = ["app.example", "good.example"];

    // {0} is a host of the client's.
    private static readonly string[] s_likenesses =
    [
        "{0}.evil.tld", "{0}@evil.tld", "{0}:pw@evil.tld", "evil.tld\\@{0}", "evil.tld#@{0}", "evil.tld?@{0}", "evil.tld/{0}", "x{0}", "x.{0}", "{0}.", "{0}..", "{0}%2eevil.tld", "{0}%00.evil.tld", "{0}-evil.tld", "{0}\u3002evil.tld", "[{0}]",
        "{0}:443", "{0}:80", "{0}:0", "{0}%3a443", "{0}%40evil.tld", "{0};.evil.tld", "{0}&@evil.tld", "{0}\u00ad", "%61{0}",
    ];

    /// <summary>All of them; some three hundred.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. s_whole.Concat(Programs)
            .Concat(s_hosts.SelectMany(host => s_likenesses.Select(likeness => $"https://{likeness.Replace("{0}", host, StringComparison.Ordinal)}/callback")))
            .Concat(s_wildcards.SelectMany(prefix => s_climbs.Select(climb => prefix + climb)))
            .Distinct(),
    ];
}
