namespace Castellan.Protocol.Saml;

/// <summary>Names that SAML 2.0 gives.</summary>
public static class SamlNames
{
    /// <summary>SAML 2.0 metadata.</summary>
    public const string Metadata = "urn:oasis:names:tc:SAML:2.0:metadata";

    public const string Protocol = "urn:oasis:names:tc:SAML:2.0:protocol";

    public const string Assertion = "urn:oasis:names:tc:SAML:2.0:assertion";

    /// <summary>XML signatures.</summary>
    public const string Signature = "http://www.w3.org/2000/09/xmldsig#";

    /// <summary>XML encryption 1.0 and what 1.1 added.</summary>
    public const string Encryption = "http://www.w3.org/2001/04/xmlenc#";

    public const string Encryption11 = "http://www.w3.org/2009/xmlenc11#";

    public const string PostBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

    public const string RedirectBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

    public const string ArtifactBinding = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact";

    public const string PaosBinding = "urn:oasis:names:tc:SAML:2.0:bindings:PAOS";

    public const string SoapBinding = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP";

    public const string Unspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

    public const string Email = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";

    public const string Persistent = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

    public const string Transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

    public const string AttributeBasic = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic";

    public const string AttributeUri = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";

    public const string AttributeUnspecified = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified";

    /// <summary>The context of authentication of which nothing is said.</summary>
    public const string UnspecifiedContext = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified";

    /// <summary>The formats of name ids with the words that clients have for them, in the order of a descriptor.</summary>
    public static readonly IReadOnlyList<(string Format, string Word)> NameIdFormats =
        [(Persistent, "persistent"), (Transient, "transient"), (Unspecified, "username"), (Email, "email")];

    /// <summary>The format that a client's word means; what is no word of these is the name of the user.</summary>
    public static string NameIdFormat(string? word) => NameIdFormats.FirstOrDefault(f => f.Word == word).Format ?? Unspecified;
}
