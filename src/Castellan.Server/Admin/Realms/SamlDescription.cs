using Castellan.Core.Representations;
using Castellan.Protocol.Saml;

namespace Castellan.Server.Admin.Realms;

/// <summary>Makes a client's representation of the metadata of a service provider.</summary>
internal static class SamlDescription
{
    /// <summary>What is said of metadata of no service provider.</summary>
    public const string NoProvider = "No SPSSODescriptorType defined in the entity descriptor file";

    /// <param name="isMetadata">Whether it is metadata at all, although of no service provider.</param>
    public static ClientRepresentation? Read(byte[] xml, out bool isMetadata)
    {
        if (ServiceProvider.Read(xml, out isMetadata) is not { } provider)
        {
            return null;
        }

        var attributes = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["saml.authnstatement"] = "true",
            ["saml.server.signature"] = "true",
            ["saml.signature.algorithm"] = "RSA_SHA256",
            ["saml.server.signature.keyinfo.ext"] = "false",
        };
        Put("saml.client.signature", provider.SignsRequests ? "true" : null);
        Put("saml.assertion.signature", provider.WantsSignedAssertions ? "true" : null);
        Put("saml.signing.certificate", provider.SigningCertificate);
        Put("saml.encrypt", provider.EncryptionCertificate is null ? null : "true");
        Put("saml.encryption.certificate", provider.EncryptionCertificate);
        Put("saml_assertion_consumer_url_post", ServiceProvider.At(provider.Consumers, SamlNames.PostBinding));
        Put("saml_assertion_consumer_url_redirect", ServiceProvider.At(provider.Consumers, SamlNames.RedirectBinding));
        Put("saml_artifact_binding_url", ServiceProvider.At(provider.Consumers, SamlNames.ArtifactBinding));
        Put("saml_artifact_resolution_service_url", ServiceProvider.At(provider.ArtifactResolutions, SamlNames.SoapBinding));
        Put("saml_single_logout_service_url_post", ServiceProvider.At(provider.Logouts, SamlNames.PostBinding));
        Put("saml_single_logout_service_url_redirect", ServiceProvider.At(provider.Logouts, SamlNames.RedirectBinding));
        Put("saml_single_logout_service_url_soap", ServiceProvider.At(provider.Logouts, SamlNames.SoapBinding));
        Put("saml_name_id_format", provider.NameIdFormats.Select(given => SamlNames.NameIdFormats.FirstOrDefault(known => known.Format == given).Word).FirstOrDefault(word => word is not null));
        return new()
        {
            ClientId = provider.EntityId, Protocol = "saml", FullScopeAllowed = true, Attributes = attributes,
            RedirectUris = [.. provider.Consumers.Select(c => c.Location).Distinct(StringComparer.Ordinal)],
            ProtocolMappers = [.. provider.Attributes.Select(Mapper)],
        };

        void Put(string name, string? value)
        {
            if (value is not null)
            {
                attributes[name] = value;
            }
        }
    }

    private static ProtocolMapperRepresentation Mapper(RequestedAttribute attribute)
    {
        var config = new Dictionary<string, string?>(StringComparer.Ordinal) { ["attribute.name"] = attribute.Name };
        if (attribute.FriendlyName is { } friendly)
        {
            config["friendly.name"] = friendly;
        }

        if (attribute.Format is { } format)
        {
            config["attribute.nameformat"] = format.EndsWith(":uri", StringComparison.Ordinal) ? "URI Reference"
                : format.EndsWith(":basic", StringComparison.Ordinal) ? "Basic" : "Unspecified";
        }

        return new() { Name = attribute.Name, Protocol = "saml", ProtocolMapper = "saml-user-attribute-mapper", ConsentRequired = false, Config = config };
    }
}
