using System.Net.Sockets;
using System.Security.Authentication;
using Castellan.Core.Federation;
using Castellan.Protocol.Ldap;
using Castellan.Server.Ldap;

namespace Castellan.Server.Admin.UserFederation;

/// <summary>The settings of a connection to try.</summary>
internal sealed class TestLdapConnectionRepresentation
{
    public string? Action { get; set; }

    public string? ConnectionUrl { get; set; }

    public string? AuthType { get; set; }

    public string? BindDn { get; set; }

    public string? BindCredential { get; set; }

    public string? UseTruststoreSpi { get; set; }

    public string? ConnectionTimeout { get; set; }

    public string? StartTls { get; set; }

    public string? ComponentId { get; set; }
}

/// <summary>What a directory can do beside the usual.</summary>
internal sealed record LdapCapability(string Oid, string Type);

/// <summary>Tries a connection to a directory. What goes wrong has the words that consoles know.</summary>
internal static class LdapTest
{
    private const string Unnamed = "NamingError";
    private const string NotAuthenticated = "AuthenticationFailure";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(60);

    private static readonly (string Attribute, string Type)[] s_capabilities =
        [("supportedControl", "CONTROL"), ("supportedExtension", "EXTENSION"), ("supportedFeatures", "FEATURE")];

    /// <summary>What is wrong, or null when nothing is.</summary>
    public static async Task<string?> RunAsync(TestLdapConnectionRepresentation given, CancellationToken ct) => given.Action switch
    {
        "testConnection" => await ConnectedAsync(given, static (_, _) => Task.FromResult<string?>(null), ct),
        "testAuthentication" => Incomplete(given) ?? await ConnectedAsync(given, (connection, stop) => BindAsync(connection, given, stop), ct),
        _ => Unnamed,
    };

    /// <summary>What the directory can do; null when it cannot be asked.</summary>
    public static async Task<List<LdapCapability>?> CapabilitiesAsync(TestLdapConnectionRepresentation given, CancellationToken ct)
    {
        List<LdapCapability>? found = null;
        var problem = Incomplete(given) ?? await ConnectedAsync(
            given,
            async (connection, stop) =>
            {
                if (await BindAsync(connection, given, stop) is { } refused)
                {
                    return refused;
                }

                var root = await connection.ReadRootAsync([.. s_capabilities.Select(c => c.Attribute)], stop);
                found = [.. s_capabilities.SelectMany(c => (root?.Texts(c.Attribute) ?? []).Select(oid => new LdapCapability(oid, c.Type)))];
                return null;
            },
            ct);
        return problem is null ? found : null;
    }

    /// <summary>What went wrong with a directory, in one of these words.</summary>
    public static string Word(DirectoryException problem)
    {
        for (Exception? e = problem; e is not null; e = e.InnerException)
        {
            if (e is DirectoryException { IsNotLetIn: true })
            {
                return NotAuthenticated;
            }

            if (e is LdapResultException result)
            {
                return result.Code switch { LdapMessages.NoSuchObject => "NameNotFound", LdapMessages.InvalidDnSyntax => "InvalidName", _ => Unnamed };
            }

            if (e is SocketException or IOException or AuthenticationException or OperationCanceledException)
            {
                return Word(e);
            }
        }

        return Unnamed;
    }

    private static string Word(Exception e) => e switch
    {
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => "UnknownHost",
        AuthenticationException => "SSLHandshakeFailed",
        _ => "SocketReset",
    };

    private static bool IsAnonymous(TestLdapConnectionRepresentation given) => given.AuthType == "none";

    private static string? Incomplete(TestLdapConnectionRepresentation given) =>
        IsAnonymous(given) ? null : string.IsNullOrEmpty(given.BindDn) ? "InvalidBindDN" : string.IsNullOrEmpty(given.BindCredential) ? Unnamed : null;

    private static async Task<string?> BindAsync(LdapConnection connection, TestLdapConnectionRepresentation given, CancellationToken ct)
    {
        var anonymous = IsAnonymous(given);
        return await connection.BindAsync(anonymous ? "" : given.BindDn!, anonymous ? "" : given.BindCredential!, ct) switch
        {
            LdapMessages.Success => null,
            LdapMessages.InvalidCredentials => NotAuthenticated,
            LdapMessages.InvalidDnSyntax => "InvalidName",
            _ => Unnamed,
        };
    }

    /// <summary>The first of the addresses that answers is talked to.</summary>
    private static async Task<string?> ConnectedAsync(
        TestLdapConnectionRepresentation given, Func<LdapConnection, CancellationToken, Task<string?>> then, CancellationToken ct)
    {
        if (string.IsNullOrWhiteSpace(given.ConnectionUrl))
        {
            return Unnamed;
        }

        if (LdapAddress.Parse(given.ConnectionUrl) is not { } addresses)
        {
            return "MalformedURL";
        }

        string? problem = null;
        foreach (var address in addresses)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Patience(given));
            try
            {
                await using var connection = await LdapConnection.OpenAsync(address, patience.Token);
                if (given.StartTls == "true" && !await connection.StartTlsAsync(patience.Token))
                {
                    return NotAuthenticated;
                }

                return await then(connection, patience.Token);
            }
            catch (LdapResultException)
            {
                problem = Unnamed;
            }
            catch (Exception e) when (e is SocketException or AuthenticationException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
            {
                problem = Word(e);
            }
        }

        return problem;
    }

    private static TimeSpan Patience(TestLdapConnectionRepresentation given) =>
        int.TryParse(given.ConnectionTimeout, System.Globalization.CultureInfo.InvariantCulture, out var milliseconds) && milliseconds > 0
            ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, s_most.TotalMilliseconds))
            : s_patience;
}
