using System.Xml;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>A response whose signatures hold, so far as they can be read yet.</summary>
/// <param name="Carried">The assertions in it, encrypted or not; never more than two.</param>
/// <param name="IsSigned">Whether the provider signed all of it.</param>
/// <param name="IsAssertionSigned">Whether the provider signed the assertion that can be read.</param>
public sealed record SignedResponse(ReceivedResponse Response, IReadOnlyList<XmlElement> Carried, bool IsSigned, bool IsAssertionSigned);

/// <summary>
/// From a message to what in it the provider signed (SAML core §5.4, profiles §4.1.4.5): the whole, or the one assertion; where both carry a signature, both
/// hold. What is used afterwards is the very element that was checked.
/// </summary>
public static class SamlSignatures
{
    private const string NotSigned = "The assertion is not signed.";

    /// <summary>A message of a logout, which must be signed whole.</summary>
    public static bool Holds(SamlProvider provider, ReceivedMessage message) => provider.TakesUnsigned || message.IsSignedBy(provider.Keys);

    /// <summary>The signatures that a response shows. One that has none goes on for as long as its assertion may have one inside.</summary>
    public static Result<SignedResponse> Check(SamlProvider provider, ReceivedMessage message, ReceivedResponse response)
    {
        var signed = message.IsSignedBy(provider.Keys);
        var carried = response.Root.Elements().Where(e => e.NamespaceURI == SamlNames.Assertion && e.LocalName is "Assertion" or "EncryptedAssertion").Take(2).ToArray();
        if (!signed && !provider.TakesUnsigned && (message.IsSigned || carried.Length == 0 || message.Binding == SamlBinding.Redirect))
        {
            return SamlFaults.Signature("The response is not signed by the provider.");
        }

        var own = carried is [var only] && only.Is("Assertion", SamlNames.Assertion) && XmlSignature.Has(only);
        if (own && !XmlSignature.Take(carried[0], provider.Keys) && !provider.TakesUnsigned)
        {
            return SamlFaults.Signature("The signature of the assertion does not hold.");
        }

        return new SignedResponse(response, carried, signed, own);
    }

    /// <summary>
    /// The one assertion, decrypted. Where nobody vouches for what is encrypted, whether it could be decrypted is not told: whoever tries variants of somebody
    /// else's assertion would learn what is in it (XML Encryption 1.1 §6.4).
    /// </summary>
    public static Result<XmlElement> Open(SamlProvider provider, SignedResponse signed)
    {
        if (signed.Carried is not [var carried])
        {
            return SamlFaults.Response("The response has several assertions.");
        }

        if (carried.LocalName == "Assertion")
        {
            return provider.Provider.Flag("wantAssertionsEncrypted") ? SamlFaults.Requester("The assertion is not encrypted.") : carried;
        }

        return Decrypt(provider.Realm, carried) is { } assertion && assertion.Is("Assertion", SamlNames.Assertion)
            ? assertion
            : signed.IsSigned || provider.TakesUnsigned ? SamlFaults.Response("The assertion cannot be decrypted.") : SamlFaults.Signature(NotSigned);
    }

    /// <summary>Whether the assertion is signed as it has to be, by itself or with all of the response; null when it is.</summary>
    public static ProtocolError? Fault(SamlProvider provider, SignedResponse signed, XmlElement assertion)
    {
        var wasEncrypted = signed.Carried[0] != assertion;
        var own = wasEncrypted ? XmlSignature.Has(assertion) : signed.IsAssertionSigned;
        if (!own && (provider.Provider.Flag("wantAssertionsSigned") || (!signed.IsSigned && !provider.TakesUnsigned)))
        {
            return SamlFaults.Signature(NotSigned);
        }

        return wasEncrypted && own && !XmlSignature.Take(assertion, provider.Keys) && !provider.TakesUnsigned
            ? SamlFaults.Signature("The signature of the assertion does not hold.") : null;
    }

    /// <summary>What is inside of something that was encrypted for the realm; null when it cannot be read.</summary>
    public static XmlElement? Decrypt(Realm realm, XmlElement encrypted)
    {
        foreach (var key in KeyRing.Of(realm).All)
        {
            if (key is { Use: RealmKey.Enc, Status: not KeyStatus.Disabled, Key: RsaKey rsa } && XmlEncryption.Open(encrypted, [rsa], oldPadding: key.Algorithm == "RSA1_5") is { } opened)
            {
                return opened;
            }
        }

        return null;
    }
}
