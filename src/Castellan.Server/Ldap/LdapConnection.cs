using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Castellan.Protocol.Ldap;

namespace Castellan.Server.Ldap;

/// <summary>A conversation with a directory. Each call waits for its answer; what takes too long ends with <see cref="OperationCanceledException"/>.</summary>
public sealed class LdapConnection : IAsyncDisposable
{
    private readonly TcpClient _client;
    private readonly string _host;
    private readonly X509ChainPolicy? _trust;
    private Stream _stream;
    private int _id;

    private LdapConnection(TcpClient client, string host, X509ChainPolicy? trust) => (_client, _host, _trust, _stream) = (client, host, trust, client.GetStream());

    /// <param name="trust">Which certificates count in the place of those that the system trusts.</param>
    /// <exception cref="SocketException">Nobody listens there, or there is no such host.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate is not to be trusted.</exception>
    public static async Task<LdapConnection> OpenAsync(LdapAddress address, CancellationToken ct, X509ChainPolicy? trust = null)
    {
        var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync(address.Host, address.Port, ct);
            var connection = new LdapConnection(client, address.Host, trust);
            if (address.Tls)
            {
                await connection.SecureAsync(ct);
            }

            return connection;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Asks for TLS on this connection (RFC 4511 §4.14); false when the directory does not speak it.</summary>
    public async Task<bool> StartTlsAsync(CancellationToken ct)
    {
        if ((await AskAsync(id => LdapRequests.Extended(id, LdapMessages.StartTls), ct)).ResultCode != LdapMessages.Success)
        {
            return false;
        }

        await SecureAsync(ct);
        return true;
    }

    /// <summary>Proves who asks; the directory's result code.</summary>
    public async Task<int> BindAsync(string dn, string password, CancellationToken ct) =>
        (await AskAsync(id => LdapRequests.Bind(id, dn, password), ct)).ResultCode ?? -1;

    /// <summary>What the directory says of itself.</summary>
    public async Task<LdapEntry?> ReadRootAsync(string[] attributes, CancellationToken ct)
    {
        LdapEntry? root = null;
        await foreach (var entry in SearchAsync(new LdapSearch("", LdapScope.Base, LdapFilter.Everything, attributes), 0, ct))
        {
            root ??= entry;
        }

        return root;
    }

    /// <summary>Sends a request that has one answer.</summary>
    public async Task<LdapAnswer> AskAsync(Func<int, byte[]> request, CancellationToken ct)
    {
        await _stream.WriteAsync(request(++_id), ct);
        return await AnswerAsync(ct);
    }

    /// <summary>What a search finds. Who does not read to the end must not ask anything else on this connection.</summary>
    /// <param name="page">How many are asked for at once (RFC 2696); zero for all.</param>
    /// <param name="referred">Hears of the addresses of other directories that know more; null where nobody has said that those are to be trusted.</param>
    /// <exception cref="LdapResultException">The directory ended the search with something else than success.</exception>
    public async IAsyncEnumerable<LdapEntry> SearchAsync(
        LdapSearch search, int page, [EnumeratorCancellation] CancellationToken ct, Action<IReadOnlyList<string>>? referred = null)
    {
        byte[]? cookie = null;
        do
        {
            await _stream.WriteAsync(LdapRequests.Search(++_id, search, page, cookie), ct);
            LdapAnswer answer;
            while ((answer = await AnswerAsync(ct)).Operation != LdapMessages.SearchDone)
            {
                if (answer.Entry is { } entry)
                {
                    yield return entry;
                }
                else if (answer.References is { } references)
                {
                    referred?.Invoke(references);
                }
            }

            if (answer is { ResultCode: LdapMessages.Referral, References: { } elsewhere } && referred is not null)
            {
                referred(elsewhere);
            }
            else if (answer.ResultCode != LdapMessages.Success)
            {
                throw new LdapResultException(answer.ResultCode ?? -1, answer.Diagnostic);
            }

            cookie = answer.Cookie;
        }
        while (page > 0 && cookie is { Length: > 0 });
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await _stream.WriteAsync(LdapRequests.Unbind(++_id), patience.Token);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // Whoever has gone already needs no farewell.
        }

        await _stream.DisposeAsync();
        _client.Dispose();
    }

    private async Task SecureAsync(CancellationToken ct)
    {
        var tls = new SslStream(_stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = _host, CertificateChainPolicy = _trust }, ct);
        _stream = tls;
    }

    private async Task<LdapAnswer> AnswerAsync(CancellationToken ct)
    {
        while (true)
        {
            // Two octets say how many more there are that say how long it is: nothing of the next message is taken.
            var buffer = new byte[64];
            await _stream.ReadExactlyAsync(buffer.AsMemory(0, 2), ct);
            var read = 2;
            var length = LdapMessages.Length(buffer.AsSpan(0, read));
            while (length == 0)
            {
                await _stream.ReadExactlyAsync(buffer.AsMemory(read, 1), ct);
                length = LdapMessages.Length(buffer.AsSpan(0, ++read));
            }

            if (length < read)
            {
                throw new IOException("This is no answer of a directory.");
            }

            // The memory grows with what has come, not with what a length claims.
            while (read < length)
            {
                if (read == buffer.Length)
                {
                    Array.Resize(ref buffer, (int)Math.Min(length, buffer.Length * 4L));
                }

                var got = await _stream.ReadAsync(buffer.AsMemory(read, Math.Min(length, buffer.Length) - read), ct);
                if (got == 0)
                {
                    throw new IOException("The directory went away in the middle of an answer.");
                }

                read += got;
            }

            var answer = LdapMessages.Read(buffer.AsMemory(0, length)) ?? throw new IOException("This is no answer of a directory.");
            if (answer.MessageId == _id)
            {
                return answer;
            }
        }
    }
}

/// <summary>A search ended with a result other than success.</summary>
public sealed class LdapResultException(int code, string diagnostic) : Exception($"The directory answers {code}: {diagnostic}")
{
    public int Code => code;
}
