using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>Status codes (SAML core §3.2.2.2).</summary>
public static class SamlStatus
{
    private const string Prefix = "urn:oasis:names:tc:SAML:2.0:status:";

    public const string Success = Prefix + "Success";

    public const string Responder = Prefix + "Responder";

    public const string NoPassive = Prefix + "NoPassive";

    public const string RequestDenied = Prefix + "RequestDenied";

    public const string AuthnFailed = Prefix + "AuthnFailed";

    public const string NoAuthnContext = Prefix + "NoAuthnContext";

    public const string InvalidNameIdPolicy = Prefix + "InvalidNameIDPolicy";
}

/// <summary>A response that says only why there is no assertion.</summary>
public sealed record StatusResponse : SamlMessage
{
    public string? InResponseTo { get; init; }

    /// <summary>The code below <see cref="SamlStatus.Responder"/>.</summary>
    public required string Code { get; init; }

    /// <summary>What is said beside the code.</summary>
    public string? Message { get; init; }

    public XmlDocument Write() => XmlParts.Write(xml =>
    {
        SamlMessageXml.Start(xml, "Response", this, InResponseTo);
        SamlMessageXml.Status(xml, SamlStatus.Responder, Code, Message);
        xml.WriteEndElement();
    });
}
