using System.Net;
using System.Text;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;

namespace Castellan.Tests.Saml;

/// <summary>Who may ask a realm for a sign-in by SAML, and what becomes of messages that nobody may send.</summary>
public sealed class Requests_of_providers : IAsyncLifetime
{
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ProviderRealm.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Only_an_enabled_provider_with_its_own_signature_begins_a_sign_in_by_either_binding()
    {
        foreach (var binding in (SamlBinding[])[SamlBinding.Redirect, SamlBinding.Post])
        {
            foreach (var issuer in (string[])["signs", "off", "bearer", "no-flow", "other", "nobody", ""])
            {
                foreach (var signature in (string[])["right", "none", "strange", "of another message", "twice", "changed afterwards"])
                {
                    using var browser = _server.Browser();
                    await SendAsync(browser, binding, issuer, signature);
                    var passes = issuer == "signs" && (signature == "right" || (signature == "twice" && binding == SamlBinding.Redirect));
                    var what = $"{binding}, {issuer}, {signature}: {browser.Status} {browser.PageId}";
                    Assert.True(passes == browser.Cookies.ContainsKey("AUTH_SESSION_ID"), what);
                    Assert.True(passes == (browser.Status == (binding == SamlBinding.Post ? HttpStatusCode.Found : HttpStatusCode.OK)), what);
                    Assert.True(passes || (browser.Status == HttpStatusCode.BadRequest && browser.PageId == "error"), what);
                }
            }
        }
    }

    private Task SendAsync(TestBrowser browser, SamlBinding binding, string issuer, string signature)
    {
        var message = ProviderRealm.Request(_server, issuer);
        if (binding == SamlBinding.Post)
        {
            return ProviderRealm.SendAsync(browser, binding, signature switch
            {
                "right" => ProviderRealm.Signed(message),
                "strange" => ProviderRealm.Signed(message, SamlKeys.Strange),
                "of another message" => WithSignatureOf(message, ProviderRealm.Signed(ProviderRealm.Request(_server, issuer))),
                "twice" => ProviderRealm.Signed(ProviderRealm.Signed(message)),
                "changed afterwards" => ProviderRealm.Signed(message).Replace("Version=", "ForceAuthn=\"true\" Version=", StringComparison.Ordinal),
                _ => message,
            });
        }

        var query = RedirectBinding.Query(RedirectBinding.Request, Encoding.UTF8.GetBytes(message), "state", signature switch { "none" => null, "strange" => SamlKeys.Signer(SamlKeys.Strange), _ => SamlKeys.Signer() });
        var other = RedirectBinding.Query(RedirectBinding.Request, Encoding.UTF8.GetBytes(ProviderRealm.Request(_server, issuer)), "state", SamlKeys.Signer());
        return browser.GetAsync($"{ProviderRealm.Path}?" + signature switch
        {
            "of another message" => query.Split('&')[0] + "&" + other.Split('&', 2)[1],
            "changed afterwards" => query.Replace("RelayState=state", "RelayState=other", StringComparison.Ordinal),
            _ => query,
        });
    }

    private static string WithSignatureOf(string message, string signed)
    {
        var signature = ProviderRealm.Parse(signed).Element("Signature", SamlNames.Signature)!.OuterXml;
        return message.Replace("</saml:Issuer>", "</saml:Issuer>" + signature, StringComparison.Ordinal);
    }

    public static TheoryData<string, Func<string, string>> Wrapped => new()
    {
        { "the signed one inside an extension", signed => Around($"<samlp:Extensions>{signed}</samlp:Extensions>") },
        { "the signed one behind the issuer", signed => Around(signed) },
        { "the signed one as the object of a signature", signed => Around($"<ds:Signature xmlns:ds=\"{SamlNames.Signature}\"><ds:Object>{signed}</ds:Object></ds:Signature>") },
        { "its signature taken out, over the one inside", signed => Around(Signature(signed) + $"<samlp:Extensions>{signed.Replace(Signature(signed), "", StringComparison.Ordinal)}</samlp:Extensions>") },
        { "the same id twice", signed => Around(Signature(signed) + $"<samlp:Extensions>{signed}</samlp:Extensions>", Id(signed)) },
    };

    [Theory, MemberData(nameof(Wrapped))]
    public async Task A_signed_message_wrapped_into_another_proves_nothing_of_that(string how, Func<string, string> wrap)
    {
        using var browser = _server.Browser();
        await ProviderRealm.SendAsync(browser, SamlBinding.Post, wrap(ProviderRealm.Signed(ProviderRealm.Request(_server, "signs"))).Replace("DESTINATION", _server.Base + ProviderRealm.Path, StringComparison.Ordinal));
        Assert.True(browser.Status == HttpStatusCode.BadRequest && browser.Cookies.Count == 0, $"{how}: {browser.Status}");
    }

    private static string Around(string inside, string id = "evil") =>
        $"<samlp:AuthnRequest xmlns:samlp=\"{SamlNames.Protocol}\" xmlns:saml=\"{SamlNames.Assertion}\" ID=\"{id}\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\" "
        + $"Destination=\"DESTINATION\" AssertionConsumerServiceURL=\"{ProviderRealm.Consumer}/evil\"><saml:Issuer>signs</saml:Issuer>{inside}</samlp:AuthnRequest>";

    private static string Signature(string signed) => signed[signed.IndexOf("<dsig:Signature", StringComparison.Ordinal)..(signed.IndexOf("</dsig:Signature>", StringComparison.Ordinal) + "</dsig:Signature>".Length)];

    private static string Id(string signed) => ProviderRealm.Parse(signed).GetAttribute("ID");

    public static TheoryData<string, Func<string, string>> Malformed => new()
    {
        { "a text", _ => "text" },
        { "an open end", m => m.Replace("</samlp:AuthnRequest>", "", StringComparison.Ordinal) },
        { "another message", _ => "<a xmlns=\"urn:b\"/>" },
        { "another namespace", m => m.Replace(SamlNames.Protocol, "urn:oasis:names:tc:SAML:1.0:protocol", StringComparison.Ordinal) },
        { "no id", m => m.Replace(" ID=", " Id=", StringComparison.Ordinal) },
        { "an endless id", m => m.Replace(" ID=\"", " ID=\"" + new string('x', 5000), StringComparison.Ordinal) },
        { "another version", m => m.Replace("2.0\"", "1.1\"", StringComparison.Ordinal) },
        { "no moment", m => m.Replace("IssueInstant", "Instant", StringComparison.Ordinal) },
        { "a moment that is none", m => m.Replace("2026-01-01T00:00:00Z", "yesterday", StringComparison.Ordinal) },
        { "two issuers", m => m.Replace("<saml:Issuer>", "<saml:Issuer>signs</saml:Issuer><saml:Issuer>", StringComparison.Ordinal) },
        { "neither yes nor no", m => m.Replace(" Version", " ForceAuthn=\"perhaps\" Version", StringComparison.Ordinal) },
        { "a comparison that there is not", m => m.Replace("</samlp:AuthnRequest>", "<samlp:RequestedAuthnContext Comparison=\"near\"/></samlp:AuthnRequest>", StringComparison.Ordinal) },
        { "a document type", m => "<!DOCTYPE r>" + m },
        { "an entity", m => "<!DOCTYPE r [<!ENTITY e \"plain\">]>" + m.Replace(">plain<", ">&e;<", StringComparison.Ordinal) },
        { "too deep", m => m.Replace("</samlp:AuthnRequest>", string.Concat(Enumerable.Repeat("<a>", 5000)) + string.Concat(Enumerable.Repeat("</a>", 5000)) + "</samlp:AuthnRequest>", StringComparison.Ordinal) },
        { "too large", m => m.Replace("</samlp:AuthnRequest>", new string(' ', 1_500_000) + "</samlp:AuthnRequest>", StringComparison.Ordinal) },
        { "another destination", m => m.Replace("/protocol/saml\"", "/protocol/saml/\"", StringComparison.Ordinal) },
        { "a name of a kind that there is not", m => m.Replace("</samlp:AuthnRequest>", "<samlp:NameIDPolicy Format=\"urn:nonsense\"/></samlp:AuthnRequest>", StringComparison.Ordinal) },
        { "an address of somebody else", m => m.Replace(" Version", " AssertionConsumerServiceURL=\"http://localhost:3001/acs\" Version", StringComparison.Ordinal) },
        { "a program for an address", m => m.Replace(" Version", " AssertionConsumerServiceURL=\"javascript:alert(1)\" Version", StringComparison.Ordinal) },
        { "an address above the registered one", m => m.Replace(" Version", $" AssertionConsumerServiceURL=\"{ProviderRealm.Consumer}/../x\" Version", StringComparison.Ordinal) },
        { "an address with an answer in it", m => m.Replace(" Version", $" AssertionConsumerServiceURL=\"{ProviderRealm.Consumer}/a?SAMLResponse=x\" Version", StringComparison.Ordinal) },
    };

    [Theory, MemberData(nameof(Malformed))]
    public async Task What_is_wrong_gets_a_page_and_begins_nothing(string what, Func<string, string> change)
    {
        foreach (var binding in (SamlBinding[])[SamlBinding.Redirect, SamlBinding.Post])
        {
            using var browser = _server.Browser();
            await ProviderRealm.SendAsync(browser, binding, ProviderRealm.Request(_server, "plain", change));
            Assert.True(browser.Status is HttpStatusCode.BadRequest && browser.PageId == "error" && browser.Cookies.Count == 0, $"{what}, {binding}: {browser.Status} {browser.PageId}");
        }
    }

    [Fact]
    public async Task A_comment_does_not_shorten_the_name_of_a_provider()
    {
        using var browser = _server.Browser();
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, "pl<!-- x -->ain"));
        Assert.Equal("login", browser.PageId);
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, "plain<!-- x -->.evil"));
        Assert.Equal("error", browser.PageId);
    }

    [Theory, InlineData(SamlBinding.Redirect), InlineData(SamlBinding.Post)]
    public async Task Who_must_not_be_asked_is_not_and_the_provider_hears_so(SamlBinding binding)
    {
        using var browser = _server.Browser();
        await ProviderRealm.SendAsync(browser, binding, ProviderRealm.Request(_server, "plain", attributes: "IsPassive=\"true\""), relayState: "a \"b\" <c>");
        Assert.Equal("Responder NoPassive", ProviderRealm.Status(ProviderRealm.Message(browser)));
        Assert.Equal([ProviderRealm.Consumer], browser.Actions);
        Assert.Contains((RedirectBinding.RelayState, "a \"b\" <c>"), browser.Hidden());
        Assert.DoesNotContain("KEYCLOAK_IDENTITY", browser.Cookies.Keys);
    }

    [Theory]
    [InlineData("urn:nothing", "exact", "Responder NoAuthnContext"), InlineData("urn:high", "better", "Responder NoAuthnContext"), InlineData("urn:low", "exact", null), InlineData("urn:low", "better", null)]
    public async Task A_context_that_no_level_stands_for_is_told_to_the_provider(string context, string comparison, string? status)
    {
        using var browser = _server.Browser();
        var asked = $"<samlp:RequestedAuthnContext Comparison=\"{comparison}\"><saml:AuthnContextClassRef>{context}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>";
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, "levels", inside: asked));
        Assert.Equal(status, ProviderRealm.Message(browser) is { } message ? ProviderRealm.Status(message) : null);
        Assert.Equal(status is null ? "login" : "saml-post-form", browser.PageId);
    }

    [Fact]
    public async Task Who_says_no_to_a_provider_is_sent_back_with_that()
    {
        using var browser = _server.Browser();
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, "asks"), relayState: "there");
        await browser.SubmitAsync(("username", "alice"), ("password", ProviderRealm.Password));
        await browser.PostAsync(browser.Actions[0], [.. browser.Hidden(), ("cancel", "No")]);
        Assert.Equal("Responder RequestDenied", ProviderRealm.Status(ProviderRealm.Message(browser)));
        Assert.Contains((RedirectBinding.RelayState, "there"), browser.Hidden());
    }

    [Fact]
    public async Task A_sign_in_that_ran_out_begins_anew_and_ends_at_its_provider()
    {
        using var browser = _server.Browser();
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, "plain"), relayState: "there");
        var page = browser.Actions[0];
        browser.Forget("AUTH_SESSION_ID");
        await browser.PostAsync(page, ("username", "alice"), ("password", ProviderRealm.Password));
        await browser.FollowAsync();
        await browser.SubmitAsync(("username", "alice"), ("password", ProviderRealm.Password));
        Assert.Equal("Success", ProviderRealm.Status(ProviderRealm.Message(browser)));
        Assert.Contains((RedirectBinding.RelayState, "there"), browser.Hidden());

        // The page of another tab, when the person is signed in already: the provider is told to ask again.
        await browser.GetAsync(page.Replace("session_code", "x", StringComparison.Ordinal));
        Assert.Equal("Responder AuthnFailed", ProviderRealm.Status(ProviderRealm.Message(browser)));
        Assert.Equal("authentication_expired", ProviderRealm.Message(browser).Only("Status", SamlNames.Protocol).Only("StatusMessage", SamlNames.Protocol).Text());
        Assert.Equal([ProviderRealm.Consumer], browser.Actions);
        Assert.Contains((RedirectBinding.RelayState, "there"), browser.Hidden());
    }

    [Theory]
    [InlineData("plain-here", "login"), InlineData("signs-here", "login"), InlineData("off-here", "error"), InlineData("other-here", "error"), InlineData("bearer-here", "error"), InlineData("plain", "error")]
    public async Task A_sign_in_begins_at_the_realm_by_the_word_of_the_provider(string name, string page)
    {
        using var browser = _server.Browser();
        await browser.GetAsync($"{ProviderRealm.Path}/clients/{name}");
        Assert.Equal(page, browser.PageId);
    }

    [Theory, InlineData("", "usual"), InlineData("?RelayState=", null), InlineData("?RelayState=mine", "mine")]
    public async Task The_state_of_such_a_sign_in_is_the_one_given_even_none(string query, string? state)
    {
        using var browser = _server.Browser();
        await browser.GetAsync($"{ProviderRealm.Path}/clients/states-here{query}");
        await browser.SubmitAsync(("username", "alice"), ("password", ProviderRealm.Password));
        Assert.Equal(state, browser.Hidden().FirstOrDefault(h => h.Name == RedirectBinding.RelayState).Value);
    }

    [Fact]
    public async Task Of_such_a_sign_in_nobody_hears_who_did_not_ask_but_that_there_is_no_name()
    {
        using var browser = _server.Browser();
        await browser.GetAsync($"{ProviderRealm.Path}/clients/asks-here");
        await browser.SubmitAsync(("username", "alice"), ("password", ProviderRealm.Password));
        await browser.PostAsync(browser.Actions[0], [.. browser.Hidden(), ("cancel", "No")]);
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));

        using var other = _server.Browser();
        await other.GetAsync($"{ProviderRealm.Path}/clients/nameless-here");
        await other.SubmitAsync(("username", "alice"), ("password", ProviderRealm.Password));
        Assert.Equal("Responder InvalidNameIDPolicy", ProviderRealm.Status(ProviderRealm.Message(other)));
    }

    [Fact]
    public async Task A_refusal_by_redirect_is_signed_in_the_address_and_says_no_more()
    {
        using var browser = _server.Browser();
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, "redirects", attributes: "IsPassive=\"true\""));
        var value = Uri.UnescapeDataString(browser.Location!.Split("SAMLResponse=")[1].Split('&')[0]);
        var refusal = ProviderRealm.Parse(Encoding.UTF8.GetString(RedirectBinding.Inflate(value)!));
        Assert.Contains("&Signature=", browser.Location, StringComparison.Ordinal);
        Assert.Equal(["Issuer", "Status"], refusal.Elements().Select(e => e.LocalName));
    }

    [Theory]
    [InlineData("http://LOCALHOST:8080/a", "http://localhost:8080/a", true), InlineData("http://h:80/a", "http://h/a", true), InlineData("https://h/a", "https://h:443/a", true)]
    [InlineData("http://h:443/a", "http://h/a", false), InlineData("http://h/A", "http://h/a", false), InlineData("http://h/a/", "http://h/a", false), InlineData("http://u@h/a", "http://h/a", false)]
    [InlineData("", "http://h/a", false), InlineData("/a", "http://h/a", false), InlineData("http://h\\@x/a", "http://h/a", false), InlineData("https://h/a", "http://h/a", false)]
    public void A_destination_may_name_the_usual_port(string destination, string address, bool same) => Assert.Equal(same, Core.Saml.Requests.Checks.DestinationCheck.IsFor(destination, address));

    [Theory, InlineData("stale", false), InlineData("early", false), InlineData("fresh", true)]
    public async Task A_provider_signs_while_its_certificate_holds(string issuer, bool passes)
    {
        using var browser = _server.Browser();
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, issuer), SamlKeys.Signer());
        Assert.Equal(passes ? "login" : "error", browser.PageId);
    }

    [Theory, InlineData("odd-form", "Failed to process response"), InlineData("odd-algorithm", "Unexpected error when handling authentication request to identity provider.")]
    public async Task A_provider_that_wants_what_there_is_not_gets_nothing(string issuer, string words)
    {
        using var browser = await ProviderRealm.SignedInAsync(_server, issuer);
        Assert.Equal((HttpStatusCode.BadRequest, "error"), (browser.Status, browser.PageId));
        Assert.Contains(words, browser.Text, StringComparison.Ordinal);
    }

    /// <summary>Keycloak leaves them out here; who knows that a browser asks has no reason to.</summary>
    [Theory]
    [InlineData("iframe", true), InlineData("document", true), InlineData(null, false)]
    public async Task A_browser_gets_the_headers_that_guard_it(string? loadsFor, bool guarded)
    {
        using var http = new HttpClient();
        var url = $"{_server.Base}{ProviderRealm.Path}?{RedirectBinding.Query(RedirectBinding.Request, Encoding.UTF8.GetBytes(ProviderRealm.Request(_server, "plain")), null, null)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (loadsFor is not null)
        {
            request.Headers.Add("Sec-Fetch-Dest", loadsFor);
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.All(["X-Frame-Options", "Content-Security-Policy"], name => Assert.Equal(guarded, answer.Headers.Contains(name)));
    }
}
