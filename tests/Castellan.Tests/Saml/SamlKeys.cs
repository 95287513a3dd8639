using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;
using Castellan.Tests.Rfc7515;

namespace Castellan.Tests.Saml;

/// <summary>Two key pairs for all tests of SAML: one that is known to the reader, and a stranger's.</summary>
internal static class SamlKeys
{
    public static RsaKey Known => TestKeys.Rsa();

    public static RsaKey Strange => TestKeys.Rsa(1);

    public static XmlSigner Signer(RsaKey? key = null, string algorithm = "RSA_SHA256", string canonicalization = CanonicalXml.ExclusiveMethod) =>
        new(key ?? Known, XmlSignatureAlgorithm.Named(algorithm)!, canonicalization, "kid", null);
}
