namespace Castellan.Protocol.Errors;

/// <summary>
/// A refusal, for its three audiences: <paramref name="Code"/> and <paramref name="Description"/> go to the client
/// (RFC 6749 §5.2), <paramref name="Status"/> to the HTTP layer, <paramref name="Detail"/> to the log only.
/// </summary>
/// <param name="Code">The registered error code, such as <c>invalid_grant</c>.</param>
/// <param name="Description">Keycloak's text where Keycloak has one; null leaves <c>error_description</c> out.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What the log says in addition. Never sent.</param>
public sealed record ProtocolError(string Code, string? Description = null, int Status = 400, string? Detail = null);
