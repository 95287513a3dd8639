using System.Text.Json.Serialization;

namespace Castellan.Core.Codes;

/// <summary>What an authorization code stands for (RFC 6749 §4.1.2): everything that the token endpoint must hold it against.</summary>
public sealed record AuthorizationCode
{
    public required string UserSessionId { get; init; }

    /// <summary>The client's internal id.</summary>
    public required string ClientId { get; init; }

    public required string UserId { get; init; }

    /// <summary>The scopes granted, as asked for and consented to.</summary>
    public string? Scope { get; init; }

    /// <summary>The <c>redirect_uri</c> of the request; null when it had none, and then the token request must have none either.</summary>
    public string? RedirectUri { get; init; }

    public string? Nonce { get; init; }

    public string? CodeChallenge { get; init; }

    public string? CodeChallengeMethod { get; init; }

    /// <summary>The thumbprint that the authorization request promised (RFC 9449 §10).</summary>
    public string? DPoPJkt { get; init; }

    /// <summary>When it was given, in milliseconds; null in those that an older version kept.</summary>
    public long? Given { get; init; }

    /// <summary>The end of its life, in milliseconds; it is kept a little longer, so that it can be told from one that never was.</summary>
    public long Expires { get; init; }

    /// <summary>Further notes of the client session at the time of the code: acr, claims, …</summary>
    public Dictionary<string, string>? Notes { get; init; }
}

[JsonSerializable(typeof(AuthorizationCode))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
public sealed partial class CodesJson : JsonSerializerContext;
