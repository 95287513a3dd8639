using System.Text.Json.Serialization;
using Castellan.Core.Codes;

namespace Castellan.Core.Ciba;

/// <summary>A request that lies on somebody's device, and what came of it.</summary>
public sealed record CibaRequest
{
    /// <summary>The client's internal id.</summary>
    public required string ClientId { get; init; }

    public required string UserId { get; init; }

    /// <summary>What was asked for, and what the client gets without asking.</summary>
    public required string Scope { get; init; }

    /// <summary>When it was made, in seconds: what an administrator revokes later counts against it.</summary>
    public long Created { get; init; }

    /// <summary>How many seconds the client waits between two polls.</summary>
    public int Interval { get; init; }

    /// <summary>The end of its life, in milliseconds; it is kept a little longer, so that a client hears that it ran out.</summary>
    public long Expires { get; init; }

    public DeviceDecision Decision { get; init; }

    /// <summary>What a client of the ping mode is told with, see <see cref="Notice"/>.</summary>
    public string? Notice { get; init; }

    /// <summary>Parameters of the request that are none of the protocol's.</summary>
    public Dictionary<string, string>? Further { get; init; }

    /// <summary>What the device said beside its decision.</summary>
    public Dictionary<string, string>? Answered { get; init; }
}

[JsonSerializable(typeof(CibaRequest))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class CibaJson : JsonSerializerContext;
