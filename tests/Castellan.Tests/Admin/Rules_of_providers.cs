using System.Text.Json.Nodes;
using Castellan.Core.Realms.Import;

namespace Castellan.Tests.Admin;

/// <summary>Settings of identity providers that do not go together are refused.</summary>
public sealed class Rules_of_providers
{
    [Theory]
    [InlineData("oidc", """{"pkceEnabled":"true","pkceMethod":"S512"}""", "PKCE Method not supported: S512")]
    [InlineData("oidc", """{"pkceEnabled":"true"}""", "PKCE Method not supported: null")]
    [InlineData("oidc", """{"validateSignature":"true","useJwksUrl":"true"}""", "JWKS URL is required when 'Validate signatures' enabled and 'Use JWKS URL' enabled")]
    [InlineData("keycloak-oidc", """{"jwtAuthorizationGrantEnabled":"true"}""", "The 'Validating public key' is required when 'JWT Authorization Grant' enabled and 'Use JWKS URL' disabled")]
    [InlineData("google", """{"issuer":"https://other.example"}""", "The issuer url [https://other.example] is invalid")]
    [InlineData("google", """{"issuer":"https://accounts.google.com"}""", null)]
    [InlineData("saml", """{"useMetadataDescriptorUrl":"true"}""", "useMetadataDescriptorUrl needs a non-empty URL for metadataDescriptorUrl")]
    [InlineData("saml", """{"nameIDPolicyFormat":"urn:oasis:names:tc:SAML:2.0:nameid-format:transient"}""", "Can not have Transient NameID Policy Format together with SUBJECT Principal Type")]
    [InlineData("saml", """{"nameIDPolicyFormat":"urn:oasis:names:tc:SAML:2.0:nameid-format:transient","principalType":"ATTRIBUTE"}""", null)]
    [InlineData("oidc", """{"validateSignature":"true","useJwksUrl":"true","jwksUrl":"https://up.example/keys"}""", null)]
    public void What_does_not_go_together_is_refused(string kind, string config, string? sentence) =>
        Assert.Equal(sentence, ProviderRules.Problem(kind, JsonNode.Parse(config)!.AsObject().ToDictionary(p => p.Key, p => (string?)p.Value)));
}
