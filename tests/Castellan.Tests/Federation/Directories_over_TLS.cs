using System.Security.Authentication;
using Castellan.Core.Federation;
using Castellan.Core.Vaults;
using Castellan.Protocol.Ldap;
using Castellan.Server.Ldap;

namespace Castellan.Tests.Federation;

/// <summary>TLS from the beginning (ldaps) or asked for (StartTLS, RFC 4511 §4.14): nobody says a password to a directory whose certificate is not to be trusted.</summary>
public sealed class Directories_over_TLS
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Are_asked_where_the_certificate_is_trusted(bool startTls)
    {
        var slapd = await TestSlapd.RunningAsync();
        var directory = new LdapDirectory(new NoVault(), TimeProvider.System, DirectoryCertificate.Trusting(slapd.Certificate));
        var settings = Settings(startTls ? slapd.Url : slapd.SecureUrl, startTls);
        Assert.Equal(TestSlapd.Suffix, await FindAsync(directory, settings));
        Assert.True((await directory.BindAsync(settings, TestSlapd.Administrator, TestSlapd.Password)).Ok);
        Assert.False((await directory.BindAsync(settings, TestSlapd.Administrator, "wrong")).Ok);
    }

    [Theory]
    [InlineData(false, "unknown")]
    [InlineData(true, "unknown")]
    [InlineData(false, "another")]
    [InlineData(true, "another")]
    [InlineData(false, "another name")]
    [InlineData(true, "another name")]
    public async Task Are_not_asked_where_it_is_not(bool startTls, string why)
    {
        var slapd = await TestSlapd.RunningAsync();
        var trust = why switch { "unknown" => null, "another" => DirectoryCertificate.Trusting(DirectoryCertificate.Make()), _ => DirectoryCertificate.Trusting(slapd.Certificate) };
        var directory = new LdapDirectory(new NoVault(), TimeProvider.System, trust);
        var url = startTls ? slapd.Url : slapd.SecureUrl;
        var settings = Settings(why == "another name" ? url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal) : url, startTls);
        Assert.IsType<AuthenticationException>((await Assert.ThrowsAsync<DirectoryException>(() => FindAsync(directory, settings))).InnerException);
        await Assert.ThrowsAsync<DirectoryException>(async () => await directory.BindAsync(settings, TestSlapd.Administrator, TestSlapd.Password));
        await Assert.ThrowsAsync<DirectoryException>(async () => await directory.ChangeAsync(settings, id => LdapRequests.Delete(id, "dc=nobody")));
    }

    private static DirectorySettings Settings(string url, bool startTls) =>
        new("test", url, TestSlapd.Administrator, TestSlapd.Password, startTls, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), PageSize: 0);

    private static async Task<string?> FindAsync(LdapDirectory directory, DirectorySettings settings)
    {
        await foreach (var entry in directory.SearchAsync(settings, new(TestSlapd.Suffix, LdapScope.Base, LdapFilter.Everything, ["1.1"])))
        {
            return entry.Dn;
        }

        return null;
    }
}
