using System.Net;
using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Events;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Protocol.Saml;
using Castellan.Tests.Login;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Saml;

/// <summary>Messages that are fetched from providers (SAML bindings §3.6): only from where the provider has its resolver, and checked like any other.</summary>
public sealed class Artifacts_of_providers : IAsyncLifetime
{
    private readonly Resolver _resolver = new();
    private SignInServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ProviderRealm.StartAsync(services => services.AddSingleton<IFetch>(_resolver));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public static TheoryData<string, bool, string> Fetched => new()
    {
        { "resolves", false, "login" }, { "resolves-signs", true, "login" }, { "resolves-signs", false, "error" }, { "resolves", true, "login" },
    };

    [Theory, MemberData(nameof(Fetched))]
    public async Task A_request_is_fetched_from_the_provider_and_signed_where_it_must_be(string issuer, bool signed, string page)
    {
        var request = ProviderRealm.Request(_server, issuer);
        _resolver.Content = signed ? ProviderRealm.Signed(request) : request;
        using var browser = _server.Browser();
        await browser.GetAsync($"{ProviderRealm.Path}?SAMLart={Uri.EscapeDataString(Artifact(issuer))}&RelayState=r");
        Assert.Equal(page, browser.PageId);
        var sent = Assert.Single(_resolver.Requests);
        Assert.Equal("http://localhost:3000/resolver", sent.Address);
        var asked = SoapEnvelope.Content(ProviderRealm.Parse(Encoding.UTF8.GetString(sent.Body!.Content)))!;
        Assert.Equal(($"{_server.Base}/realms/{ProviderRealm.Name}", Artifact(issuer), true), (asked.Element("Issuer", SamlNames.Assertion).Text(), asked.Element("Artifact", SamlNames.Protocol).Text(), XmlSignature.Has(asked)));
    }

    [Theory]
    [InlineData("plain", 200, 500, "identity_provider_error", "There is no configured artifact resolution service for the client plain")]
    [InlineData("resolves", 404, 500, "identity_provider_error", "Artifact resolution failed with status: 404")]
    [InlineData("resolves", 200, 400, "identity_provider_error", null)]
    [InlineData("resolves", 201, 500, "identity_provider_error", "Artifact resolution failed with status: 201")]
    [InlineData("off", 200, 400, "client_disabled", null)]
    [InlineData("nobody", 200, 400, "invalid_artifact", "No client matching the artifact source found")]
    [InlineData("AAQAAA==", 200, 400, "invalid_artifact", "Artifact AAQAAA== has a length of 4. It should be 44")]
    public async Task What_cannot_be_fetched_gets_a_page(string issuer, int answer, int status, string error, string? reason)
    {
        _resolver.Status = answer;
        using var browser = _server.Browser();
        await browser.GetAsync($"{ProviderRealm.Path}?SAMLart={Uri.EscapeDataString(issuer.EndsWith('=') ? issuer : Artifact(issuer))}");
        Assert.Equal(((HttpStatusCode)status, "error"), (browser.Status, browser.PageId));
        var realm = (await _server.Services.GetRequiredService<IRealms>().FindAsync(ProviderRealm.Name, TestContext.Current.CancellationToken))!;
        var happened = Assert.Single(await _server.Services.GetRequiredService<IEventStore>().ListAsync(realm.Id, new EventQuery(["LOGIN_ERROR"]), TestContext.Current.CancellationToken));
        Assert.Equal((error, reason), (happened.Error, happened.Details?.GetValueOrDefault("reason")));
    }

    private static string Artifact(string issuer)
    {
#pragma warning disable CA5350 // the source id is SHA-1 by definition
        return Convert.ToBase64String([0, 4, 0, 0, .. SHA1.HashData(Encoding.UTF8.GetBytes(issuer)), .. new byte[20]]);
#pragma warning restore CA5350
    }

    private sealed class Resolver : IFetch
    {
        public List<FetchRequest> Requests { get; } = [];

        public string? Content { get; set; }

        public int Status { get; set; } = 200;

        public ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default) => new((byte[]?)null);

        public ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default) => new((int?)null);

        public ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default)
        {
            Requests.Add(request);
            var asked = SoapEnvelope.Content(ProviderRealm.Parse(Encoding.UTF8.GetString(request.Body!.Content)))!;
            var answer = new ArtifactResponse
            {
                Id = "a", Issued = DateTimeOffset.UnixEpoch, InResponseTo = asked.GetAttribute("ID"), Status = SamlStatus.Success, Content = Content is null ? null : ProviderRealm.Parse(Content),
            };
            return new(new FetchAnswer(Status, "text/xml", SoapEnvelope.Around(answer.Write().DocumentElement!)));
        }
    }
}
