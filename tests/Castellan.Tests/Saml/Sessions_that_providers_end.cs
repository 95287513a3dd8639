using System.Net;
using System.Text;
using Castellan.Core.Clients;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Saml;

/// <summary>Who may end a session by SAML, and who hears of it (SAML profiles §4.4).</summary>
public sealed class Sessions_that_providers_end : IAsyncLifetime
{
    private readonly Sent _sent = new();
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ProviderRealm.StartAsync(services => services.AddSingleton<IFetch>(_sent));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Only_an_enabled_provider_with_its_own_signature_ends_a_session_by_either_binding()
    {
        using var browser = await ProviderRealm.SignedInAsync(_server);
        foreach (var binding in (SamlBinding[])[SamlBinding.Redirect, SamlBinding.Post])
        {
            foreach (var issuer in (string[])["off", "bearer", "no-flow", "other", "nobody", "signs"])
            {
                foreach (var key in issuer == "signs" ? [null, SamlKeys.Strange] : new[] { null, SamlKeys.Known })
                {
                    await LogOutAsync(browser, binding, issuer, key);
                    Assert.True(browser.Status == HttpStatusCode.BadRequest && browser.PageId == "error", $"{binding}, {issuer}: {browser.Status}");
                    Assert.Single(await SessionsAsync());
                }
            }

            await LogOutAsync(browser, binding, "signs", SamlKeys.Known);
            Assert.Empty(await SessionsAsync());
            await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, ProviderRealm.Request(_server, "plain"));
            await browser.SubmitAsync(("username", "alice"), ("password", ProviderRealm.Password));
        }
    }

    private Task LogOutAsync(TestBrowser browser, SamlBinding binding, string issuer, Protocol.Jose.RsaKey? key)
    {
        var message = ProviderRealm.Logout(_server, issuer);
        return binding == SamlBinding.Redirect || key is null
            ? ProviderRealm.SendAsync(browser, binding, message, key is null ? null : SamlKeys.Signer(key)) : ProviderRealm.SendAsync(browser, binding, ProviderRealm.Signed(message, key));
    }

    [Fact]
    public async Task The_browser_goes_round_the_providers_and_each_answer_counts_once_from_whom_it_is_asked_of()
    {
        using var browser = await ProviderRealm.SignedInAsync(_server);
        await SignedOnAsync(browser, "signs");
        await ProviderRealm.SendAsync(browser, SamlBinding.Post, ProviderRealm.Logout(_server, "plain"), relayState: "back");

        var asked = ProviderRealm.Message(browser)!;
        Assert.Equal(["http://localhost:3000/signs/slo"], browser.Actions);
        Assert.Equal(("LogoutRequest", "alice"), (asked.LocalName, asked.Element("NameID", SamlNames.Assertion).Text()));
        Assert.Empty(await SessionsAsync());
        var id = asked.GetAttribute("ID");
        using var other = await ProviderRealm.SignedInAsync(_server, user: "bob");
        foreach (var (who, answer) in new[]
        {
            (browser, ProviderRealm.LogoutAnswer(_server, "signs", id)), (browser, ProviderRealm.Signed(ProviderRealm.LogoutAnswer(_server, "signs", id), SamlKeys.Strange)),
            (browser, ProviderRealm.LogoutAnswer(_server, "plain", id)), (browser, ProviderRealm.Signed(ProviderRealm.LogoutAnswer(_server, "signs", "r-other"))),
            (browser, ProviderRealm.LogoutAnswer(_server, "nobody", id)), (other, ProviderRealm.Signed(ProviderRealm.LogoutAnswer(_server, "signs", id))),
            (browser, ProviderRealm.Signed(ProviderRealm.LogoutAnswer(_server, "signs", id).Replace("/protocol/saml\"", "/protocol/other\"", StringComparison.Ordinal))),
        })
        {
            await ProviderRealm.SendAsync(who, SamlBinding.Post, answer, parameter: RedirectBinding.Response);
            Assert.Equal(HttpStatusCode.BadRequest, who.Status);
        }

        var right = ProviderRealm.Signed(ProviderRealm.LogoutAnswer(_server, "signs", id, SamlStatus.Responder));
        await ProviderRealm.SendAsync(browser, SamlBinding.Post, right, parameter: RedirectBinding.Response);
        Assert.Equal(["http://localhost:3000/plain/slo"], browser.Actions);
        Assert.Equal("Success", ProviderRealm.Status(ProviderRealm.Message(browser)));
        Assert.Contains((RedirectBinding.RelayState, "back"), browser.Hidden());
        Assert.DoesNotContain("KEYCLOAK_IDENTITY", browser.Cookies.Keys);

        await ProviderRealm.SendAsync(browser, SamlBinding.Post, right, parameter: RedirectBinding.Response);
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
    }

    [Theory, InlineData("behind", "http://localhost:3000/behind/slo"), InlineData("behind-soap", "http://localhost:3000/soap")]
    public async Task A_provider_hears_from_the_server_itself_whoever_ends_the_session(string provider, string address)
    {
        using var browser = await ProviderRealm.SignedInAsync(_server);
        await SignedOnAsync(browser, provider);
        await ProviderRealm.SendAsync(browser, SamlBinding.Post, ProviderRealm.Logout(_server, "plain"));
        Assert.Equal(["http://localhost:3000/plain/slo"], browser.Actions);
        var sent = Assert.Single(_sent.Requests);
        Assert.Equal(address, sent.Address);
        var text = Encoding.UTF8.GetString(sent.Body!.Content);
        var message = provider == "behind" ? ProviderRealm.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(Uri.UnescapeDataString(text.Split('&')[0]["SAMLRequest=".Length..])))) : SoapEnvelope.Content(ProviderRealm.Parse(text))!;
        Assert.Equal(("LogoutRequest", true), (message.LocalName, XmlSignature.Has(message)));
    }

    [Fact]
    public async Task Without_a_browser_an_index_ends_the_session_of_the_provider_whose_it_is()
    {
        using var browser = await ProviderRealm.SignedInAsync(_server);
        await SignedOnAsync(browser, "levels");
        var session = Assert.Single(await SessionsAsync());
        var (realm, clients) = (await RealmAsync(), _server.Services.GetRequiredService<IClients>());
        async Task<HttpStatusCode> EndAsync(string issuer, string indexOf, string session)
        {
            var client = (await clients.FindAsync(realm, indexOf, TestContext.Current.CancellationToken))!;
            var message = ProviderRealm.Logout(_server, issuer, $"<samlp:SessionIndex>{session}::{client.Id}</samlp:SessionIndex>");
            return (await ProviderRealm.SoapAsync(_server, message)).Status;
        }

        foreach (var (issuer, of, id, status) in new[] { ("levels", "plain", session.Id, HttpStatusCode.OK), ("asks", "asks", session.Id, HttpStatusCode.OK), ("plain", "plain", "nonsense", HttpStatusCode.OK), ("signs", "signs", session.Id, HttpStatusCode.InternalServerError) })
        {
            Assert.Equal(status, await EndAsync(issuer, of, id));
            Assert.Single(await SessionsAsync());
        }

        Assert.Equal(HttpStatusCode.OK, await EndAsync("plain", "plain", session.Id));
        Assert.Empty(await SessionsAsync());
    }

    [Theory, InlineData(""), InlineData("text"), InlineData("<a/>"), InlineData("<!DOCTYPE a><a/>"), InlineData("<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body/></soap:Envelope>")]
    public async Task What_is_no_message_gets_a_fault(string text)
    {
        using var http = new HttpClient();
        using var body = new StringContent(text, Encoding.UTF8, "text/xml");
        using var answer = await http.PostAsync(_server.Base + ProviderRealm.Path, body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("Fault", SoapEnvelope.Content(ProviderRealm.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)))?.LocalName);
    }

    [Theory]
    [InlineData("both", SamlBinding.Redirect, true, "http://localhost:3000/both/slo", "post")]
    [InlineData("both", SamlBinding.Redirect, false, "http://localhost:3000/both/slo/redirect", "redirect")]
    [InlineData("both", SamlBinding.Post, false, "http://localhost:3000/both/slo", "post")]
    [InlineData("plain", SamlBinding.Redirect, false, ProviderRealm.Consumer, "redirect")]
    [InlineData("by-base", SamlBinding.Redirect, true, ProviderRealm.Consumer, "post")]
    public async Task The_answer_goes_by_post_where_that_is_forced_and_as_the_request_came_where_nothing_ended(string provider, SamlBinding binding, bool signedIn, string address, string by)
    {
        using var browser = signedIn ? await ProviderRealm.SignedInAsync(_server, provider) : _server.Browser();
        await ProviderRealm.SendAsync(browser, binding, ProviderRealm.Logout(_server, provider));
        Assert.Equal(by == "post" ? (HttpStatusCode.OK, address) : (HttpStatusCode.Found, address), (browser.Status, by == "post" ? browser.Actions[0] : browser.Location?.Split('?')[0]));
    }

    [Theory, InlineData(false, "invalid_token"), InlineData(true, "invalid_logout_response")]
    public async Task An_answer_that_nobody_asked_for_ends_nothing_and_the_log_says_whether_somebody_is_signed_in(bool signedIn, string error)
    {
        using var browser = signedIn ? await ProviderRealm.SignedInAsync(_server) : _server.Browser();
        await ProviderRealm.SendAsync(browser, SamlBinding.Post, ProviderRealm.LogoutAnswer(_server, "plain", "r-none"), parameter: RedirectBinding.Response);
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Equal(signedIn ? 1 : 0, (await SessionsAsync()).Count);
        var events = await _server.Services.GetRequiredService<Core.Events.IEventStore>().ListAsync((await RealmAsync()).Id, new Core.Events.EventQuery(["LOGOUT_ERROR"]));
        Assert.Equal(error, Assert.Single(events).Error);
    }

    [Theory, InlineData("plain", null), InlineData("behind-soap", "http://localhost:3000/soap")]
    public async Task An_answer_in_an_envelope_names_the_address_for_envelopes(string provider, string? address) =>
        Assert.Equal(address, (await ProviderRealm.SoapAsync(_server, ProviderRealm.Logout(_server, provider))).Content.Attribute("Destination"));

    [Theory, InlineData("text/xml", HttpStatusCode.OK), InlineData("application/soap+xml; charset=utf-8", HttpStatusCode.OK), InlineData("text/xmlish", HttpStatusCode.BadRequest)]
    public async Task An_envelope_is_one_by_its_type(string type, HttpStatusCode status)
    {
        using var http = new HttpClient();
        using var body = new ByteArrayContent(SoapEnvelope.Around(ProviderRealm.Parse(ProviderRealm.Logout(_server, "plain"))));
        body.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        using var answer = await http.PostAsync(_server.Base + ProviderRealm.Path, body, TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.StatusCode);
    }

    private async Task SignedOnAsync(TestBrowser browser, string issuer)
    {
        var message = ProviderRealm.Request(_server, issuer);
        await ProviderRealm.SendAsync(browser, SamlBinding.Redirect, message, SamlKeys.Signer());
        await browser.FollowAsync();
        Assert.Equal("saml-post-form", browser.PageId);
    }

    private async Task<Realm> RealmAsync() => (await _server.Services.GetRequiredService<IRealms>().FindAsync(ProviderRealm.Name))!;

    private async Task<List<UserSession>> SessionsAsync()
    {
        var realm = await RealmAsync();
        var alice = await _server.Services.GetRequiredService<IUserStore>().FindByUsernameAsync(realm.Id, "alice");
        return await _server.Services.GetRequiredService<ISessions>().ListByUserAsync(realm.Id, alice!.Id);
    }

    private sealed class Sent : IFetch
    {
        public List<FetchRequest> Requests { get; } = [];

        public ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default) => new((byte[]?)null);

        public ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default) => new((int?)null);

        public ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default)
        {
            Requests.Add(request);
            return new((FetchAnswer?)null);
        }
    }
}
