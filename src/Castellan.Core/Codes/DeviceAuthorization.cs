using System.Text.Json.Serialization;

namespace Castellan.Core.Codes;

/// <summary>What a person made of a device's request.</summary>
public enum DeviceDecision
{
    Pending, Approved, Denied,
}

/// <summary>What a device asked for (RFC 8628 §3.1), and what came of it.</summary>
public sealed record DeviceAuthorization
{
    /// <summary>The client's internal id.</summary>
    public required string ClientId { get; init; }

    public string? Scope { get; init; }

    public string? Nonce { get; init; }

    public string? CodeChallenge { get; init; }

    public string? CodeChallengeMethod { get; init; }

    /// <summary>How many seconds the device waits between two polls.</summary>
    public int Interval { get; init; }

    /// <summary>The end of its life, in milliseconds; it is kept a little longer, so that a device hears that it ran out.</summary>
    public long Expires { get; init; }

    public DeviceDecision Decision { get; init; }

    /// <summary>When somebody approved, in milliseconds; null in those that an older version kept.</summary>
    public long? Approved { get; init; }

    /// <summary>Whose session the device gets tokens of, once somebody approved.</summary>
    public string? UserSessionId { get; init; }

    public string? UserId { get; init; }

    /// <summary>Notes of the client session at that moment.</summary>
    public Dictionary<string, string>? Notes { get; init; }
}

[JsonSerializable(typeof(DeviceAuthorization))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class DeviceJson : JsonSerializerContext;
