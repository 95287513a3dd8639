using System.Security.Cryptography;
using System.Xml;
using Castellan.Protocol.Jose;

namespace Castellan.Protocol.Saml;

/// <summary>
/// Checks signatures on messages and assertions, as narrow as SAML core §5.4 has them: one enveloped signature, over the element that it stands in, by a
/// key that was known before. Nothing is looked up by id, so there is no second element to be moved in under the signature of a first.
/// </summary>
public static class XmlSignature
{
    private const string Enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

    // Digests of a signature, weak ones left out as in the list of algorithms.
    private static readonly Dictionary<string, HashAlgorithmName> s_digests =
        XmlSignatureAlgorithm.All.Where(a => !a.IsWeak).DistinctBy(a => a.DigestAddress).ToDictionary(a => a.DigestAddress, a => a.Hash, StringComparer.Ordinal);

    /// <summary>Whether the element holds a signature at all, a good one or not.</summary>
    public static bool Has(XmlElement element) => element.Element("Signature", SamlNames.Signature) is not null;

    /// <summary>
    /// Whether exactly one signature stands in the element, covers it and was made by one of the keys. It is taken out then, so that all that is left in
    /// the element is what was signed. Where elements in one another are signed, the outer one has to be asked first.
    /// </summary>
    public static bool Take(XmlElement signed, IReadOnlyList<JoseKey> keys)
    {
        if (signed.Only("Signature", SamlNames.Signature) is not { } signature || signed.Attribute("ID") is not { Length: > 0 } id || !IsOnly(signed, id)
            || !Shape(signature, out var info, out var value, out var canonicalization, out var algorithm, out var reference)
            || reference.Attribute("URI") != "#" + id || !Covers(signed, signature, reference)
            || CanonicalXml.Form(canonicalization.Attribute("Algorithm"), info, null, Prefixes(canonicalization)) is not { } data)
        {
            return false;
        }

        foreach (var key in keys)
        {
            if (algorithm.Verify(key, data, value))
            {
                signed.RemoveChild(signature);
                return true;
            }
        }

        return false;
    }

    // XML Signature §4.1: nothing but these parts, in this order, and one reference. An Object could carry anything.
    private static bool Shape(
        XmlElement signature, out XmlElement info, out byte[] value, out XmlElement canonicalization, out XmlSignatureAlgorithm algorithm, out XmlElement reference)
    {
        (info, value, canonicalization, algorithm, reference) = (null!, null!, null!, null!, null!);
        var parts = signature.Elements().ToArray();
        if (parts is not [var first, var second, .. { Length: <= 1 } rest] || !Is(first, "SignedInfo") || !Is(second, "SignatureValue") || !rest.All(k => Is(k, "KeyInfo"))
            || first.Elements().ToArray() is not [var method, var signing, var only]
            || !Is(method, "CanonicalizationMethod") || !Is(signing, "SignatureMethod") || !Is(only, "Reference")
            || signing.Elements().Any() || second.Bytes() is not { } bytes
            || XmlSignatureAlgorithm.At(signing.Attribute("Algorithm")) is not { IsWeak: false } known)
        {
            return false;
        }

        (info, value, canonicalization, algorithm, reference) = (first, bytes, method, known, only);
        return true;
    }

    /// <summary>Whether the reference's digest is that of the element without the signature.</summary>
    private static bool Covers(XmlElement signed, XmlElement signature, XmlElement reference)
    {
        if (reference.Elements().ToArray() is not [var transforms, var method, var digest] || !Is(transforms, "Transforms") || !Is(method, "DigestMethod") || !Is(digest, "DigestValue")
            || transforms.Elements().ToArray() is not [var enveloped, .. { Length: <= 1 } form] || enveloped.Attribute("Algorithm") != Enveloped
            || !transforms.Elements().All(t => Is(t, "Transform"))
            || !s_digests.TryGetValue(method.Attribute("Algorithm") ?? "", out var hash) || digest.Bytes() is not { } expected)
        {
            return false;
        }

        var data = form is [var transform]
            ? CanonicalXml.Form(transform.Attribute("Algorithm"), signed, signature, Prefixes(transform))
            : CanonicalXml.Inclusive(signed, signature);
        return data is not null && CryptographicOperations.FixedTimeEquals(CryptographicOperations.HashData(hash, data), expected);
    }

    private static string[] Prefixes(XmlElement method) =>
        method.Element("InclusiveNamespaces", CanonicalXml.ExclusiveMethod).Attribute("PrefixList")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Whether no other element has this id, under whatever name attributes for ids go.</summary>
    private static bool IsOnly(XmlElement signed, string id) => !Names(signed.OwnerDocument.DocumentElement!, signed, id);

    private static bool Names(XmlElement element, XmlElement signed, string id) =>
        (element != signed && element.Attributes.Cast<XmlAttribute>().Any(a => a.LocalName.EndsWith("ID", StringComparison.OrdinalIgnoreCase) && a.Value == id))
        || element.Elements().Any(child => Names(child, signed, id));

    private static bool Is(XmlElement element, string name) => element.Is(name, SamlNames.Signature);
}
