using Castellan.Protocol.Errors;

namespace Castellan.Core.Brokering.Saml;

/// <summary>What is wrong with an answer of a provider: the code is the message of the page.</summary>
public static class SamlFaults
{
    private const string BadSignature = "identityProviderInvalidSignatureMessage";

    /// <summary>The signature does not hold, or is missing.</summary>
    public static ProtocolError Signature(string detail) => new(BadSignature, Detail: detail);

    /// <summary>Somebody else sent it, or it answers somebody else.</summary>
    public static ProtocolError Requester(string detail) => new("invalidRequesterMessage", Detail: detail);

    /// <summary>It was sent to another place.</summary>
    public static ProtocolError Place(string detail) => new("invalidRequestMessage", Detail: detail);

    /// <summary>It is for another time or another audience.</summary>
    public static ProtocolError Conditions(string detail) => new("expiredCodeMessage", Detail: detail);

    /// <summary>It is no answer that could be used.</summary>
    public static ProtocolError Response(string detail) => new("identityProviderInvalidResponseMessage", Detail: detail);

    /// <summary>What the event calls the fault.</summary>
    public static string EventError(ProtocolError fault) => fault.Code == BadSignature ? "invalid_signature" : "invalid_saml_response";
}
