using Castellan.Core.Clients;
using Castellan.Protocol.Saml;

namespace Castellan.Server.Saml;

/// <summary>A client as service provider: what its attributes say.</summary>
internal sealed class SamlClient(Client client)
{
    public bool SignsMessages => client.Flag("saml.client.signature");

    public bool WantsSignedDocuments => client.Flag("saml.server.signature");

    public bool WantsSignedAssertions => client.Flag("saml.assertion.signature");

    public bool WantsEncryption => client.Flag("saml.encrypt");

    public bool ForcesPost => client.Flag("saml.force.post.binding");

    public string? SignatureAlgorithm => client.Attribute("saml.signature.algorithm");

    public string? Canonicalization => client.Attribute("saml_signature_canonicalization_method");

    public string? SigningCertificate => client.Attribute("saml.signing.certificate");

    public string? SigningKey => client.Attribute("saml.signing.private.key");

    public string? EncryptionCertificate => client.Attribute("saml.encryption.certificate");

    public string? EncryptionKey => client.Attribute("saml.encryption.private.key");

    public string NameIdFormat => SamlNames.NameIdFormat(client.Attribute("saml_name_id_format"));

    /// <summary>The binding by which it is answered.</summary>
    public string Binding => ByArtifact ? SamlNames.ArtifactBinding : DirectBinding;

    /// <summary>Where it takes assertions by that binding.</summary>
    public string? Consumer => Address(ByArtifact ? "saml_artifact_binding_url" : "saml_assertion_consumer_url_" + DirectSuffix);

    /// <summary>The binding by which it hears of logouts.</summary>
    public string LogoutBinding => ByArtifact && ArtifactLogout is not null ? SamlNames.ArtifactBinding : DirectBinding;

    /// <summary>Where it takes messages about logout by that binding.</summary>
    public string? Logout => (ByArtifact ? ArtifactLogout : null) ?? Address("saml_single_logout_service_url_" + DirectSuffix);

    private bool ByArtifact => client.Flag("saml.artifact.binding");

    private string? ArtifactLogout => client.Attribute("saml_single_logout_service_url_artifact");

    private string DirectBinding => ForcesPost ? SamlNames.PostBinding : SamlNames.RedirectBinding;

    private string DirectSuffix => ForcesPost ? "post" : "redirect";

    private string? Address(string attribute) => client.Attribute(attribute) ?? (client.Representation.AdminUrl is { Length: > 0 } url ? url : null);
}
