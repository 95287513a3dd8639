using System.Net.Security;
using System.Net.Sockets;
using Castellan.Protocol.Ldap;

namespace Castellan.Server.Ldap;

/// <summary>A conversation with a directory. Each call waits for its answer; what takes too long ends with <see cref="OperationCanceledException"/>.</summary>
public sealed class LdapConnection : IAsyncDisposable
{
    /// <summary>More than a directory says about itself.</summary>
    private const int MaxMessage = 1024 * 1024;

    private readonly TcpClient _client;
    private readonly string _host;
    private Stream _stream;
    private int _id;

    private LdapConnection(TcpClient client, string host) => (_client, _host, _stream) = (client, host, client.GetStream());

    /// <exception cref="SocketException">Nobody listens there, or there is no such host.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate is not to be trusted.</exception>
    public static async Task<LdapConnection> OpenAsync(LdapAddress address, CancellationToken ct)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, ct);
            var connection = new LdapConnection(client, address.Host);
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
        if ((await AskAsync(LdapMessages.Extended(++_id, LdapMessages.StartTls), ct)).ResultCode != LdapMessages.Success)
        {
            return false;
        }

        await SecureAsync(ct);
        return true;
    }

    /// <summary>Proves who asks; the directory's result code.</summary>
    public async Task<int> BindAsync(string dn, string password, CancellationToken ct) =>
        (await AskAsync(LdapMessages.Bind(++_id, dn, password), ct)).ResultCode ?? -1;

    /// <summary>What the directory says of itself.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> ReadRootAsync(string[] attributes, CancellationToken ct)
    {
        var answer = await AskAsync(LdapMessages.ReadRoot(++_id, attributes), ct);
        var root = answer.Attributes;
        while (answer.Operation == LdapMessages.SearchEntry)
        {
            answer = await AnswerAsync(ct);
        }

        return root;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.WriteAsync(LdapMessages.Unbind(++_id));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Whoever has gone already needs no farewell.
        }

        await _stream.DisposeAsync();
        _client.Dispose();
    }

    private async Task SecureAsync(CancellationToken ct)
    {
        var tls = new SslStream(_stream);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = _host }, ct);
        _stream = tls;
    }

    private async Task<LdapAnswer> AskAsync(byte[] message, CancellationToken ct)
    {
        await _stream.WriteAsync(message, ct);
        return await AnswerAsync(ct);
    }

    private async Task<LdapAnswer> AnswerAsync(CancellationToken ct)
    {
        while (true)
        {
            var buffer = new byte[2048];
            var read = 0;
            var length = 0;
            while (length == 0)
            {
                // One octet more at a time until the length is known, so that nothing of the next message is taken.
                await _stream.ReadExactlyAsync(buffer.AsMemory(read, 1), ct);
                length = LdapMessages.Length(buffer.AsSpan(0, ++read));
            }

            if (length is < 0 or > MaxMessage)
            {
                throw new IOException("This is no answer of a directory.");
            }

            Array.Resize(ref buffer, length);
            await _stream.ReadExactlyAsync(buffer.AsMemory(read), ct);
            var answer = LdapMessages.Read(buffer) ?? throw new IOException("This is no answer of a directory.");
            if (answer.MessageId == _id)
            {
                return answer;
            }
        }
    }
}
