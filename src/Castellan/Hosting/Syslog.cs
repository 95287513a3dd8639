using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Castellan.CommandLine;
using Microsoft.Extensions.Logging;

namespace Castellan.Hosting;

/// <summary>
/// Sends lines to a syslog receiver (RFC 5424, or the older RFC 3164) by UDP, TCP or TLS. A thread of its own does it: a receiver that is slow or away
/// costs lines and never holds up a request.
/// </summary>
internal sealed class Syslog : ILogTarget
{
    private const int Waiting = 4096, UserLevel = 1;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2), s_pause = TimeSpan.FromSeconds(5);
    private readonly Channel<byte[]> _lines = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly Task _sending;
    private readonly string _host, _app, _protocol;
    private readonly int _port, _longest;
    private readonly bool _isOld, _counts;

    /// <exception cref="CommandException">The endpoint is none.</exception>
    public Syslog(Settings settings)
    {
        var endpoint = settings["log-syslog-endpoint"]!;
        if (!Uri.TryCreate("syslog://" + endpoint, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new CommandException($"Invalid value for option '--log-syslog-endpoint': {endpoint}. Expected is host:port");
        }

        (_host, _port) = (uri.Host, uri.Port > 0 ? uri.Port : 514);
        (_app, _protocol) = (Word(settings["log-syslog-app-name"]!, 48), settings["log-syslog-protocol"]!);
        _isOld = settings["log-syslog-type"] == "rfc3164";
        _counts = settings["log-syslog-counting-framing"] switch { "true" => true, "false" => false, _ => _protocol != "udp" };
        _longest = Size(settings.Given("log-syslog-max-length")) ?? (_isOld ? 1024 : 2048);
        _sending = Task.Run(SendAllAsync);
    }

    public void Write(LogLine line, string text) => _lines.Writer.TryWrite(Frame(line, text));

    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _sending.Wait(s_patience);
    }

    /// <summary>The message as it goes over the wire.</summary>
    internal byte[] Frame(LogLine line, string text)
    {
        var priority = (UserLevel * 8) + Severity(line.Level);
        var header = _isOld
            ? string.Create(CultureInfo.InvariantCulture, $"<{priority}>{line.Time:MMM} {line.Time.Day,2} {line.Time:HH:mm:ss} {Word(Environment.MachineName, 255)} {_app}[{Environment.ProcessId}]: ")
            : string.Create(CultureInfo.InvariantCulture,
                $"<{priority}>1 {line.Time:yyyy-MM-dd'T'HH:mm:ss.ffffffzzz} {Word(Environment.MachineName, 255)} {_app} {Environment.ProcessId} {Word(line.Category, 32)} - \uFEFF");
        var message = Encoding.UTF8.GetBytes(header + text.TrimEnd('\n'));
        var length = Math.Min(message.Length, _longest);

        // Not in the middle of a character.
        while (length < message.Length && (message[length] & 0xC0) == 0x80)
        {
            length--;
        }

        var body = message.AsSpan(0, length);
        return _counts ? [.. Encoding.ASCII.GetBytes(length.ToString(CultureInfo.InvariantCulture) + " "), .. body]
            : _protocol == "udp" ? [.. body] : [.. body, (byte)'\n'];
    }

    // RFC 5424 §6.2.1.
    private static int Severity(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };

    /// <summary>Printable ASCII without spaces, as the fields of a header are.</summary>
    private static string Word(string text, int longest)
    {
        var word = string.Concat(text.Where(c => c is > ' ' and < '\x7f').Take(longest));
        return word.Length > 0 ? word : "-";
    }

    private static int? Size(string? text) => text is null ? null
        : int.TryParse(text.AsSpan().TrimEnd("kKmM"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1_000_000
            ? number * (text[^1] is 'k' or 'K' ? 1024 : text[^1] is 'm' or 'M' ? 1024 * 1024 : 1)
            : throw new CommandException($"Invalid value for option '--log-syslog-max-length': {text}");

    private async Task SendAllAsync()
    {
        Stream? stream = null;
        var told = false;
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            try
            {
                stream ??= await ConnectAsync();
                await stream.WriteAsync(line);
                told = false;
            }
            catch (Exception lost) when (lost is SocketException or IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                stream?.Dispose();
                stream = null;
                if (!told)
                {
                    Console.Error.WriteLine($"WARNING: The syslog receiver {_host}:{_port} does not take lines: {lost.Message}");
                    told = true;
                }

                if (!_lines.Reader.Completion.IsCompleted)
                {
                    await Task.WhenAny(Task.Delay(s_pause), _lines.Reader.Completion);
                }
            }
        }

        stream?.Dispose();
    }

    private async Task<Stream> ConnectAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        var socket = _protocol == "udp" ? new Socket(SocketType.Dgram, ProtocolType.Udp) : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_host, _port, patience.Token);
            if (_protocol == "udp")
            {
                return new DatagramStream(socket);
            }

            var stream = new NetworkStream(socket, ownsSocket: true);
            if (_protocol != "ssl-tcp")
            {
                return stream;
            }

            var secure = new SslStream(stream);
            await secure.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = _host }, patience.Token);
            return secure;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Each write is a datagram; one that nobody takes is gone.</summary>
    private sealed class DatagramStream(Socket socket) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await socket.SendAsync(buffer, SocketFlags.None, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => socket.Send(buffer, offset, count, SocketFlags.None);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            socket.Dispose();
            base.Dispose(disposing);
        }
    }
}
