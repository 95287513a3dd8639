using System.Security.Claims;
using Castellan.AspNetCore;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Castellan.Tests.AspNetCore;

public sealed class Configured
{
    [Theory]
    [InlineData(null, "my-api", "is empty")]
    [InlineData("", "my-api", "is empty")]
    [InlineData("myrealm", "my-api", "no absolute http or https URL")]
    [InlineData("/realms/myrealm", "my-api", "no absolute http or https URL")]
    [InlineData("localhost:8080/realms/myrealm", "my-api", "no absolute http or https URL")]
    [InlineData("ftp://id.example.com/realms/myrealm", "my-api", "no absolute http or https URL")]
    [InlineData("https://user:pass@id.example.com/realms/myrealm", "my-api", "no user, query or fragment")]
    [InlineData("https://id.example.com/realms/myrealm?x=1", "my-api", "no user, query or fragment")]
    [InlineData("https://id.example.com/realms/myrealm/.well-known/openid-configuration", "my-api", "the realm's documents")]
    [InlineData("https://id.example.com/realms/myrealm/protocol/openid-connect/certs", "my-api", "the realm's documents")]
    [InlineData("http://id.example.com/realms/myrealm", "my-api", "plain HTTP to another machine")]
    [InlineData("https://id.example.com/realms/myrealm", null, "no audience is named")]
    [InlineData("https://id.example.com/realms/myrealm", " ", "no audience is named")]
    public void A_wrong_setting_stops_the_program_with_a_sentence_about_it(string? realm, string? audience, string words)
    {
        var error = Assert.Throws<CastellanConfigurationException>(() => new ServiceCollection().AddCastellan(realm, audience));
        Assert.StartsWith("AddCastellan: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_wrong_settings_are_found_too()
    {
        const string Url = "https://id.example.com/realms/myrealm";
        Wrong(_ => { }, "no realm is named");
        Wrong(options => options.AddIssuer(Url, "a").AddIssuer(Url + "/", "b"), "named twice");
        Wrong(options => options.AddIssuer(Url), "no audience is named");
        Wrong(options => options.AddIssuer(new CastellanIssuer(Url, ["a"]) { BackchannelUrl = "http://castellan:8080/realms/myrealm" }), "plain HTTP");
        Wrong(options => options.AddIssuer(Url, "a").ClockSkew = TimeSpan.FromMinutes(6), "ClockSkew");
        Wrong(options => options.AddIssuer(Url, "a").ClockSkew = TimeSpan.FromSeconds(-1), "ClockSkew");
        Wrong(options => options.AddIssuer(Url, "a").CachedTokens = -1, "CachedTokens");
        Wrong(options => options.AddIssuer(Url, "a").KeyRefreshInterval = TimeSpan.Zero, "KeyRefreshInterval");
        Wrong(options => options.AddIssuer(Url, "a").Introspection = new CastellanIntrospection("a", ""), "the id and the secret");
        Assert.Throws<CastellanConfigurationException>(() => new AuthorizationPolicyBuilder().RequireRealmRole());
        Assert.Throws<CastellanConfigurationException>(() => new AuthorizationPolicyBuilder().RequireScope(" "));

        static void Wrong(Action<CastellanOptions> configure, string words) => Assert.Contains(
            words, Assert.Throws<CastellanConfigurationException>(() => new ServiceCollection().AddCastellan(configure)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:8080/realms/myrealm", false)]
    [InlineData("http://127.0.0.1:8080/realms/myrealm/", false)]
    [InlineData("http://[::1]:8080/realms/myrealm", false)]
    [InlineData("http://id.example.com/realms/myrealm", true)]
    [InlineData("https://id.example.com/realms/myrealm", false)]
    public void What_can_work_is_taken(string realm, bool allowHttp) =>
        new ServiceCollection().AddCastellan(realm, "my-api", options => options.AllowHttp = allowHttp);

    [Fact]
    public void A_secret_is_not_printed() => Assert.DoesNotContain("hush", new CastellanIntrospection("my-api", "hush").ToString(), StringComparison.Ordinal);

    [Fact]
    public async Task A_role_of_another_kind_of_identity_is_no_role_of_the_realm()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddAuthorization();
        var authorization = services.BuildServiceProvider().GetRequiredService<IAuthorizationService>();
        var policy = new AuthorizationPolicyBuilder().RequireRealmRole("user-viewer").Build();
        var cookie = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Role, "user-viewer")], "Cookies"));
        Assert.False((await authorization.AuthorizeAsync(cookie, null, policy)).Succeeded);
        var token = new ClaimsPrincipal(CastellanIdentity.FromTrustedPayload("""{"realm_access":{"roles":["user-viewer"]}}"""u8.ToArray()));
        Assert.True((await authorization.AuthorizeAsync(token, null, policy)).Succeeded);
        Assert.True(token.IsInRole("user-viewer"));
        Assert.False(token.IsInRole("other"));
    }

    [Fact]
    public void An_identity_that_is_changed_leaves_the_token_alone()
    {
        var identity = CastellanIdentity.FromTrustedPayload("""{"sub":"f3a1","preferred_username":"alice","realm_access":{"roles":["a"]}}"""u8.ToArray());
        var copy = identity.Clone();
        copy.AddClaim(new Claim("x", "1"));
        Assert.True(copy.HasClaim("x", "1"));
        Assert.True(copy.HasClaim(ClaimTypes.Role, "a"));
        Assert.False(identity.HasClaim("x", "1"));
        Assert.True(identity.TryRemoveClaim(identity.FindFirst("sub")));
        Assert.False(identity.HasClaim("sub", "f3a1"));
        Assert.True(copy.HasClaim("sub", "f3a1"));
        Assert.Equal("alice", identity.Name);
        Assert.Equal("alice", copy.Clone().Name);
    }
}
