using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MimeKit;

namespace Castellan.Tests.Mail;

/// <summary>A mail server on loopback that keeps what it is sent.</summary>
internal sealed class SmtpSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<(string From, List<string> To, MimeMessage Mail)> _mails = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly Task _serving;

    public SmtpSink()
    {
        _listener.Start();
        _serving = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Recipients with this in their address are turned away.</summary>
    public string? Refused { get; set; }

    /// <summary>What the last client proved itself with (RFC 4616): name and password behind zero bytes.</summary>
    public string? Credentials { get; private set; }

    public int Waiting => _mails.Count;

    /// <summary>The oldest mail that was not taken yet; fails when none comes.</summary>
    public async Task<(string From, List<string> To, MimeMessage Mail)> NextAsync()
    {
        Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(60)), "No mail came.");
        Assert.True(_mails.TryDequeue(out var mail));
        return mail;
    }

    /// <summary>The link of the next mail.</summary>
    public async Task<string> LinkAsync()
    {
        var (_, _, mail) = await NextAsync();
        return System.Text.RegularExpressions.Regex.Match(mail.TextBody!, "http\\S+").Value;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
        _arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await using var writer = new StreamWriter(stream, Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 sink");
            var (from, to) = ("", new List<string>());
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                switch (line.Split(' ', ':')[0].ToUpperInvariant())
                {
                    case "EHLO":
                        await writer.WriteLineAsync("250-sink");
                        await writer.WriteLineAsync("250-AUTH PLAIN");
                        await writer.WriteLineAsync("250 8BITMIME");
                        break;
                    case "AUTH":
                        Credentials = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[2]));
                        await writer.WriteLineAsync("235 welcome");
                        break;
                    case "MAIL":
                        (from, to) = (Address(line), []);
                        await writer.WriteLineAsync("250 ok");
                        break;
                    case "RCPT" when Refused is { } refused && line.Contains(refused, StringComparison.Ordinal):
                        await writer.WriteLineAsync("550 nobody here by that name");
                        break;
                    case "RCPT":
                        to.Add(Address(line));
                        await writer.WriteLineAsync("250 ok");
                        break;
                    case "DATA":
                        await writer.WriteLineAsync("354 go on");
                        var data = new StringBuilder();
                        while (await reader.ReadLineAsync(_stop.Token) is { } text && text != ".")
                        {
                            data.Append(text.StartsWith("..", StringComparison.Ordinal) ? text[1..] : text).Append("\r\n");
                        }

                        using (var bytes = new MemoryStream(Encoding.Latin1.GetBytes(data.ToString())))
                        {
                            _mails.Enqueue((from, to, await MimeMessage.LoadAsync(bytes, _stop.Token)));
                        }

                        _arrived.Release();
                        await writer.WriteLineAsync("250 kept");
                        break;
                    case "QUIT":
                        await writer.WriteLineAsync("221 bye");
                        return;
                    default:
                        await writer.WriteLineAsync("250 ok");
                        break;
                }
            }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException)
        {
        }
    }

    private static string Address(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];
}
