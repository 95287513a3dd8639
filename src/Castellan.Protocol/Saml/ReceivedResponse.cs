using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>How an answer came that carries an assertion, and what it says of itself (SAML core §3.3.3). None of it is believed yet.</summary>
public sealed record ReceivedResponse : SamlMessage
{
    private ReceivedResponse(XmlElement root) => Root = root;

    /// <summary>The response itself, whose assertions have still to be checked.</summary>
    public XmlElement Root { get; }

    public string? InResponseTo { get; private init; }

    /// <summary>The status codes, the one at the top first.</summary>
    public required IReadOnlyList<string> Status { get; init; }

    /// <summary>What the status says in words.</summary>
    public string? StatusMessage { get; private init; }

    public static new ReceivedResponse? Read(XmlElement root)
    {
        if (!Head(root, "Response", out var id, out var issued) || root.Only("Status", SamlNames.Protocol).Only("StatusCode", SamlNames.Protocol) is not { } top || top.Attribute("Value") is not { } status)
        {
            return null;
        }

        return new(root)
        {
            Id = id, Issued = issued, Issuer = IssuerOf(root), Destination = root.Attribute("Destination"), InResponseTo = root.Attribute("InResponseTo"),
            StatusMessage = root.Only("Status", SamlNames.Protocol).Element("StatusMessage", SamlNames.Protocol).Text(),
            Status = top.Only("StatusCode", SamlNames.Protocol).Attribute("Value") is { } second ? [status, second] : [status],
        };
    }
}
