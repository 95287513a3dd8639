using System.Xml;
using Castellan.Core.Keys;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>What is wrong with an answer of a provider: the code is the message of the page.</summary>
public static class SamlFaults
{
    /// <summary>The signature does not hold, or is missing.</summary>
    public static ProtocolError Signature(string detail) => new("identityProviderInvalidSignatureMessage", Detail: detail);

    /// <summary>Somebody else sent it, or it was meant for somebody else.</summary>
    public static ProtocolError Requester(string detail) => new("invalidRequesterMessage", Detail: detail);

    /// <summary>It is no answer that could be used.</summary>
    public static ProtocolError Response(string detail) => new("identityProviderInvalidResponseMessage", Detail: detail);
}

/// <summary>
/// From a message to what in it the provider signed (SAML core §5.4, profiles §4.1.4.5): the whole, or the one assertion; where both carry a signature, both
/// hold. What is used afterwards is the very element that was checked.
/// </summary>
public static class SamlSignatures
{
    /// <summary>A message of a logout, which must be signed whole.</summary>
    public static ProtocolError? Check(SamlProvider provider, ReceivedMessage message) =>
        provider.TakesUnsigned || message.IsSignedBy(provider.Keys) ? null : SamlFaults.Signature("The message is not signed by the provider.");

    /// <summary>The assertion of a response; null where its status says that there is none.</summary>
    public static Result<XmlElement?> Open(SamlProvider provider, ReceivedMessage message, ReceivedResponse response)
    {
        var signed = message.IsSignedBy(provider.Keys);
        if (message.IsSigned && !signed && !provider.TakesUnsigned)
        {
            return SamlFaults.Signature("The signature of the response does not hold.");
        }

        var assertions = response.Root.Elements().Where(e => e.NamespaceURI == SamlNames.Assertion && e.LocalName is "Assertion" or "EncryptedAssertion").Take(2).ToArray();
        if (response.Status[0] != SamlStatus.Success)
        {
            return signed || provider.TakesUnsigned ? default(XmlElement) : SamlFaults.Signature("The response says that nobody signed in, and is not signed.");
        }

        if (assertions is not [var carried])
        {
            return SamlFaults.Response("The response has no assertion, or several.");
        }

        var assertion = carried.LocalName == "Assertion" ? carried : Decrypt(provider, carried);
        if (assertion is null || !assertion.Is("Assertion", SamlNames.Assertion))
        {
            return SamlFaults.Response("The assertion cannot be decrypted.");
        }

        var hasOwn = XmlSignature.Has(assertion);
        if ((!hasOwn && provider.Provider.Flag("wantAssertionsSigned")) || (!hasOwn && !signed && !provider.TakesUnsigned))
        {
            return SamlFaults.Signature("The assertion is not signed.");
        }

        if (hasOwn && !XmlSignature.Take(assertion, provider.Keys) && !provider.TakesUnsigned)
        {
            return SamlFaults.Signature("The signature of the assertion does not hold.");
        }

        return carried.LocalName == "Assertion" && provider.Provider.Flag("wantAssertionsEncrypted") ? SamlFaults.Requester("The assertion is not encrypted.") : assertion;
    }

    private static XmlElement? Decrypt(SamlProvider provider, XmlElement encrypted)
    {
        foreach (var key in KeyRing.Of(provider.Realm).All)
        {
            if (key is { Use: RealmKey.Enc, Status: not KeyStatus.Disabled, Key: RsaKey rsa } && XmlEncryption.Open(encrypted, [rsa], oldPadding: key.Algorithm == "RSA1_5") is { } opened)
            {
                return opened;
            }
        }

        return null;
    }
}
