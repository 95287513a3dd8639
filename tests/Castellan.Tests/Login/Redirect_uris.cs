using Castellan.Core.Authorize;
using Castellan.Tests.Security;

namespace Castellan.Tests.Login;

/// <summary>CVE-2024-8883, CVE-2026-3872, CVE-2026-7504, CVE-2026-28512, CVE-2024-52289, CVE-2026-41569, CVE-2026-9086: one corpus of hostile addresses.</summary>
public sealed class Redirect_uris
{
    public static TheoryData<string> Good => [.. HostileUris.Good];

    public static TheoryData<string> Hostile => [.. HostileUris.All];

    [Theory, MemberData(nameof(Good))]
    public void An_address_of_the_client_is_taken(string uri) => Assert.True(RedirectUris.Matches(uri, HostileUris.Registered));

    [Theory, MemberData(nameof(Hostile))]
    public void A_hostile_address_is_refused(string uri) => Assert.False(RedirectUris.Matches(uri, HostileUris.Registered));

    /// <summary>What passes must be what a browser's own parser reads: same host, and still below what was registered.</summary>
    [Theory, MemberData(nameof(Good))]
    public void What_is_taken_reads_the_same_to_another_parser(string uri)
    {
        var parsed = new Uri(uri);
        Assert.Contains(HostileUris.Registered, r => new Uri(r.TrimEnd('*')) is var registered && registered.Scheme == parsed.Scheme && registered.Host == parsed.Host
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
