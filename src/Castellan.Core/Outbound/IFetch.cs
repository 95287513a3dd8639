using System.Net;
using System.Net.Sockets;

namespace Castellan.Core.Outbound;

/// <summary>Fetches documents from addresses that administrators and clients configured: key sets, request objects, sector identifiers.</summary>
public interface IFetch
{
    /// <summary>The body of a 200 answer, or null for anything else: another status, an address that may not be called, too long, too slow.</summary>
    ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default);

    /// <summary>Posts a form and returns the status, or null when nobody answered.</summary>
    ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default);

    /// <summary>Sends a request and returns the answer, whatever its status; null when nobody answered, the address may not be called, or it was too long or too slow.</summary>
    ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default);
}

/// <summary>A request to a service that an administrator configured.</summary>
/// <param name="Form">What is posted as a form; without it and without <paramref name="Body"/> the request is a GET.</param>
/// <param name="Body">What is posted as it is.</param>
/// <param name="Authorization">The value of that header.</param>
public sealed record FetchRequest(
    string Address, IReadOnlyList<KeyValuePair<string, string>>? Form = null, string? Authorization = null, string Accept = "application/json", int MaxLength = 256 * 1024,
    FetchBody? Body = null)
{
    /// <summary>Headers beyond those.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

/// <summary>A document that is posted.</summary>
public sealed record FetchBody(string ContentType, byte[] Content)
{
    public static FetchBody Json(byte[] document) => new("application/json", document);

    public static FetchBody Text(string text) => new("text/plain", System.Text.Encoding.UTF8.GetBytes(text));
}

/// <summary>What a service answered.</summary>
public sealed record FetchAnswer(int Status, string? ContentType, byte[] Body)
{
    public bool IsOk => Status is >= 200 and < 300;
}

/// <summary>
/// Fetches over HTTP. An address that a stranger could have chosen must not reach the server's own machine or network, so loopback and link-local
/// targets are refused unless the operator (or development mode) allows them; the check is on the address that is connected to, after DNS.
/// </summary>
public sealed class Fetch : IFetch, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly HttpClient _http;

    public Fetch(bool allowLoopback)
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = s_patience,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            ConnectCallback = async (context, ct) =>
            {
                var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, ct);
                foreach (var address in addresses)
                {
                    if (!allowLoopback && OwnAddresses.Contains(address))
                    {
                        throw new HttpRequestException($"{context.DnsEndPoint.Host} is an address of this machine or its network segment, which is not allowed.");
                    }
                }

                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, ct);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        { Timeout = s_patience };
    }

    public async ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default) =>
        await SendAsync(new FetchRequest(address, Accept: accept, MaxLength: maxLength), ct) is { Status: 200 } answer ? answer.Body : null;

    public async ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default)
    {
        if (!Uri.TryCreate(request.Address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return null;
        }

        // For the whole of it: a body that trickles must not keep anybody waiting longer than a head that does.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(s_patience);
        try
        {
            using var message = new HttpRequestMessage(request is { Form: null, Body: null } ? HttpMethod.Get : HttpMethod.Post, uri);
            message.Headers.TryAddWithoutValidation("Accept", request.Accept);
            message.Headers.TryAddWithoutValidation("User-Agent", "Castellan");
            if (request.Authorization is { } authorization)
            {
                message.Headers.TryAddWithoutValidation("Authorization", authorization);
            }

            foreach (var (name, value) in request.Headers)
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }

            message.Content = request.Form is { } form ? new FormUrlEncodedContent(form)
                : request.Body is { } body ? new ByteArrayContent(body.Content) : null;
            if (request is { Form: null, Body: { } document })
            {
                message.Content!.Headers.TryAddWithoutValidation("Content-Type", document.ContentType);
            }

            using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return answer.Content.Headers.ContentLength > request.MaxLength || await ReadAsync(answer, request.MaxLength, patience.Token) is not { } received ? null
                : new FetchAnswer((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, received);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async ValueTask<byte[]?> ReadAsync(HttpResponseMessage answer, int maxLength, CancellationToken ct)
    {
        await using var body = await answer.Content.ReadAsStreamAsync(ct);
        var buffer = new MemoryStream();
        var chunk = new byte[8192];
        int read;
        while ((read = await body.ReadAsync(chunk, ct)) > 0)
        {
            if (buffer.Length + read > maxLength)
            {
                return null;
            }

            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }

    public async ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return null;
        }

        try
        {
            using var content = new FormUrlEncodedContent(form);
            using var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            return (int)answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
