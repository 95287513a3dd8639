using System.Net;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Protocol.Saml;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Saml;

/// <summary>Client policies and requests of service providers.</summary>
public sealed class What_policies_demand_of_providers
{
    public static TheoryData<string, string, SamlBinding, bool, string, string?> Requests => new()
    {
        { "saml-avoid-redirect", "redirects", SamlBinding.Redirect, false, "", "REDIRECT binding is used for the login request and it is not allowed." },
        { "saml-avoid-redirect", "redirects", SamlBinding.Redirect, false, $"ProtocolBinding=\"{SamlNames.ArtifactBinding}\"", "REDIRECT binding is used for the login request and it is not allowed." },
        { "saml-avoid-redirect", "redirects", SamlBinding.Redirect, false, $"ProtocolBinding=\"{SamlNames.PostBinding}\"", null },
        { "saml-avoid-redirect", "redirects", SamlBinding.Redirect, true, "", "REDIRECT binding is used for the logout request and it is not allowed." },
        { "saml-avoid-redirect", "redirects", SamlBinding.Post, true, "", null },
        { "saml-avoid-redirect", "plain", SamlBinding.Redirect, false, "", null },
        { "saml-secure-client-uris", "plain", SamlBinding.Redirect, false, "", "Non secure scheme for Master SAML Processing URL" },
        { "saml-secure-client-uris", "plain", SamlBinding.Redirect, false, $"AssertionConsumerServiceURL=\"{ProviderRealm.Consumer}/a\"", "Non secure scheme for AssertionConsumerServiceURL" },
        { "saml-signature-enforcer", "plain", SamlBinding.Redirect, false, "", "Signatures not ensured for the client. Ensure Client signature required and Sign documents or Sign assertions are ON" },
        { "saml-signature-enforcer", "signs", SamlBinding.Redirect, false, "", null },
    };

    [Theory, MemberData(nameof(Requests))]
    public async Task A_request_is_as_is_demanded(string executor, string issuer, SamlBinding binding, bool leaves, string attributes, string? detail)
    {
        await using var server = await ProviderRealm.StartAsync(settings: $$"""
            "clientProfiles": {"profiles": [{"name": "house", "executors": [{"executor": "{{executor}}"}]}]},
            "clientPolicies": {"policies": [{"name": "p", "enabled": true, "conditions": [{"condition": "client-type", "configuration": {"protocol": "saml"} }], "profiles": ["house"]}]},
            """);
        using var browser = server.Browser();
        await ProviderRealm.SendAsync(
            browser, binding, leaves ? ProviderRealm.Logout(server, issuer) : ProviderRealm.Request(server, issuer, attributes: attributes), binding == SamlBinding.Redirect ? SamlKeys.Signer() : null);
        Assert.Equal(detail is not null, browser.Status == HttpStatusCode.BadRequest);
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync(ProviderRealm.Name, TestContext.Current.CancellationToken))!;
        var happened = (await server.Services.GetRequiredService<IEventStore>().ListAsync(realm.Id, new EventQuery([leaves ? "LOGOUT_ERROR" : "LOGIN_ERROR"]), TestContext.Current.CancellationToken)).SingleOrDefault();
        Assert.Equal(detail, happened?.Details?["client_policy_error_detail"]);
        Assert.Equal(detail is null ? null : "invalid_request", happened?.Error);
    }
}
