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
    public string Binding => ForcesPost ? SamlNames.PostBinding : SamlNames.RedirectBinding;

    /// <summary>Where it takes assertions by that binding.</summary>
    public string? Consumer => Address("saml_assertion_consumer_url_");

    /// <summary>Where it takes messages about logout by that binding.</summary>
    public string? Logout => Address("saml_single_logout_service_url_");

    private string? Address(string attribute) =>
        client.Attribute(attribute + (ForcesPost ? "post" : "redirect")) ?? (client.Representation.AdminUrl is { Length: > 0 } url ? url : null);
}
