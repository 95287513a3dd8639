using Castellan.Core.Representations;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Server.Admin.Realms;

/// <summary>Makes a client's representation of the metadata of a service provider.</summary>
internal static class SamlDescription
{
    private const string Unreadable = "HTTP 400 Bad Request";

    // A set may hold what it likes, but one client comes of it: the consumers of these bindings, in this order, are the addresses that it is sent back to.
    private static readonly string[] s_bindings = [SamlNames.PostBinding, SamlNames.RedirectBinding, SamlNames.SoapBinding, SamlNames.PaosBinding, SamlNames.ArtifactBinding];

    /// <param name="problem">What is wrong with it, where no client comes of it.</param>
    public static ClientRepresentation? Read(byte[] xml, out string problem)
    {
        var provider = ServiceProvider.Read(xml, out var entities);
        problem = entities switch
        {
            0 => Unreadable,
            1 => provider is null ? "No SPSSODescriptorType defined in the entity descriptor file" : Unreadable,
            _ => "Expected one entity descriptor",
        };
        if (provider is null || !IsReadable(provider.SigningCertificate) || !IsReadable(provider.EncryptionCertificate))
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
        Put("saml.client.signature", provider.SigningCertificate is null ? null : "true");
        Put("saml.assertion.signature", provider.WantsSignedAssertions ? "true" : null);
        Put("saml.signing.certificate", provider.SigningCertificate);
        Put("saml.encrypt", provider.EncryptionCertificate is null ? null : "true");
        Put("saml.encryption.certificate", provider.EncryptionCertificate);
        Put("saml_assertion_consumer_url_post", ServiceProvider.At(provider.Consumers, SamlNames.PostBinding));
        Put("saml_assertion_consumer_url_redirect", ServiceProvider.At(provider.Consumers, SamlNames.RedirectBinding));
        Put("saml_artifact_binding_url", ServiceProvider.At(provider.Consumers, SamlNames.ArtifactBinding));
        Put("saml_artifact_resolution_service_url", ServiceProvider.Usual(provider.ArtifactResolutions));
        Put("saml_single_logout_service_url_post", ServiceProvider.At(provider.Logouts, SamlNames.PostBinding));
        Put("saml_single_logout_service_url_redirect", ServiceProvider.At(provider.Logouts, SamlNames.RedirectBinding));
        Put("saml_single_logout_service_url_soap", ServiceProvider.At(provider.Logouts, SamlNames.SoapBinding));
        Put("saml_name_id_format", provider.NameIdFormats.Select(given => SamlNames.NameIdFormats.FirstOrDefault(known => known.Format == given).Word).FirstOrDefault(word => word is not null));
        Put("logoUri", provider.Logo);
        Put("policyUri", provider.PrivacyStatement);
        return new()
        {
            ClientId = provider.EntityId, Protocol = "saml", FullScopeAllowed = true, Attributes = attributes,
            RedirectUris = [.. s_bindings.Select(b => ServiceProvider.At(provider.Consumers, b)).OfType<string>()],
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

    private static bool IsReadable(string? certificate)
    {
        if (certificate is null)
        {
            return true;
        }

        var readable = KeyFiles.TryReadCertificate(certificate, out var read);
        read?.Dispose();
        return readable;
    }

    private static ProtocolMapperRepresentation Mapper(RequestedAttribute attribute)
    {
        var config = new Dictionary<string, string?>(StringComparer.Ordinal) { ["attribute.name"] = attribute.Name };
        if (attribute.FriendlyName is { } friendly)
        {
            config["friendly.name"] = friendly;
        }

        if (attribute.Format switch { SamlNames.AttributeUri => "URI Reference", SamlNames.AttributeBasic => "Basic", SamlNames.AttributeUnspecified => "Unspecified", _ => null } is { } format)
        {
            config["attribute.nameformat"] = format;
        }

        return new() { Name = attribute.Name, Protocol = "saml", ProtocolMapper = "saml-user-attribute-mapper", ConsentRequired = false, Config = config };
    }
}
