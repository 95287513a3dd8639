using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.Server.Registration;

/// <summary>Client metadata (RFC 7591 §2, OpenID Connect Dynamic Client Registration §2) under their names on the wire.</summary>
internal sealed class OIDCClientRepresentation
{
    public string? ClientId { get; set; }
    public string? ClientSecret { get; set; }
    public string? ClientName { get; set; }
    public string? ClientUri { get; set; }
    public string? LogoUri { get; set; }
    public string? PolicyUri { get; set; }
    public string? TosUri { get; set; }
    public List<string>? RedirectUris { get; set; }
    public List<string>? PostLogoutRedirectUris { get; set; }
    public string? TokenEndpointAuthMethod { get; set; }
    public string? TokenEndpointAuthSigningAlg { get; set; }
    public List<string>? GrantTypes { get; set; }
    public List<string>? ResponseTypes { get; set; }
    public string? ApplicationType { get; set; }
    public List<string>? Contacts { get; set; }
    public string? Scope { get; set; }
    public string? JwksUri { get; set; }
    public JsonElement? Jwks { get; set; }
    public string? SectorIdentifierUri { get; set; }
    public string? SubjectType { get; set; }
    public string? IdTokenSignedResponseAlg { get; set; }
    public string? IdTokenEncryptedResponseAlg { get; set; }
    public string? IdTokenEncryptedResponseEnc { get; set; }
    public string? UserinfoSignedResponseAlg { get; set; }
    public string? UserinfoEncryptedResponseAlg { get; set; }
    public string? UserinfoEncryptedResponseEnc { get; set; }
    public string? RequestObjectSigningAlg { get; set; }
    public string? RequestObjectEncryptionAlg { get; set; }
    public string? RequestObjectEncryptionEnc { get; set; }
    public string? AuthorizationSignedResponseAlg { get; set; }
    public string? AuthorizationEncryptedResponseAlg { get; set; }
    public string? AuthorizationEncryptedResponseEnc { get; set; }
    public int? DefaultMaxAge { get; set; }
    public bool? RequireAuthTime { get; set; }
    public List<string>? DefaultAcrValues { get; set; }
    public string? InitiateLoginUri { get; set; }
    public List<string>? RequestUris { get; set; }
    public string? SoftwareId { get; set; }
    public string? SoftwareVersion { get; set; }
    public string? SoftwareStatement { get; set; }
    public bool? TlsClientCertificateBoundAccessTokens { get; set; }
    public bool? DpopBoundAccessTokens { get; set; }
    public string? TlsClientAuthSubjectDn { get; set; }
    public string? BackchannelLogoutUri { get; set; }
    public bool? BackchannelLogoutSessionRequired { get; set; }
    public bool? BackchannelLogoutRevokeOfflineTokens { get; set; }
    public string? FrontchannelLogoutUri { get; set; }
    public bool? FrontchannelLogoutSessionRequired { get; set; }
    public string? BackchannelTokenDeliveryMode { get; set; }
    public string? BackchannelClientNotificationEndpoint { get; set; }
    public string? BackchannelAuthenticationRequestSigningAlg { get; set; }
    public bool? BackchannelUserCodeParameter { get; set; }
    public bool? RequirePushedAuthorizationRequests { get; set; }
    public long? ClientIdIssuedAt { get; set; }
    public long? ClientSecretExpiresAt { get; set; }
    public string? RegistrationClientUri { get; set; }
    public string? RegistrationAccessToken { get; set; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(OIDCClientRepresentation))]
internal sealed partial class RegistrationJson : JsonSerializerContext;
