using System.Buffers;
using System.Text.Json;
using Castellan.Core.Outbound;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Ciba;

/// <summary>What came of asking a person's device.</summary>
public enum ChannelAnswer
{
    /// <summary>The device has the request.</summary>
    Taken,

    /// <summary>Whoever answered did not take it.</summary>
    NotTaken,

    /// <summary>Nobody answered, or there is nobody to ask.</summary>
    Failed,
}

/// <summary>What a person's device is told of a request.</summary>
public sealed record ChannelRequest(string Username, string Scope, string? BindingMessage, string? AcrValues, bool AsksForConsent, IReadOnlyDictionary<string, string> Further);

/// <summary>The way to the devices of people. It belongs to the operator: the server itself knows no device.</summary>
public interface IAuthenticationChannel
{
    /// <param name="token">With it the device comes back and says how the person decided.</param>
    ValueTask<ChannelAnswer> AskAsync(ChannelRequest request, string token, CancellationToken ct = default);
}

/// <summary>Where the operator's service for the devices listens; null for none.</summary>
public sealed record CibaChannelOptions(Uri? Address);

/// <summary>A service over HTTP that has the devices: it takes a request by answering 201. The operator named it, so that it may be a neighbour of the server.</summary>
public sealed class HttpAuthenticationChannel(CibaChannelOptions options) : IAuthenticationChannel, IDisposable
{
    /// <summary>Members that no further parameter of a request may pretend to be.</summary>
    public static IReadOnlySet<string> Members { get; } = new HashSet<string>(StringComparer.Ordinal) { "binding_message", "login_hint", "is_consent_required", "acr_values", "scope" };

    private const int Created = 201;
    private readonly Fetch _fetch = new(allowLoopback: true);

    public async ValueTask<ChannelAnswer> AskAsync(ChannelRequest request, string token, CancellationToken ct = default) =>
        options.Address is not { } address || await _fetch.SendAsync(new FetchRequest(address.AbsoluteUri, Authorization: "Bearer " + token, Body: FetchBody.Json(Write(request))), ct) is not { } answer
            ? ChannelAnswer.Failed
            : answer.Status == Created ? ChannelAnswer.Taken : ChannelAnswer.NotTaken;

    public void Dispose() => _fetch.Dispose();

    private static byte[] Write(ChannelRequest request)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = PlainJson.Encoder }))
        {
            json.WriteStartObject();
            Text(json, "binding_message", request.BindingMessage);
            json.WriteString("login_hint", request.Username);
            json.WriteBoolean("is_consent_required", request.AsksForConsent);
            Text(json, "acr_values", request.AcrValues);
            json.WriteString("scope", request.Scope);
            foreach (var (name, value) in request.Further)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
