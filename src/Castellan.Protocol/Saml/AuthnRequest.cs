using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>How the contexts of a request are meant (SAML core §3.3.2.2.1).</summary>
public enum ContextComparison
{
    Exact, Minimum, Maximum, Better,
}

/// <summary>The contexts of authentication that a provider asks for.</summary>
public sealed record RequestedContexts(ContextComparison Comparison, IReadOnlyList<string> Classes)
{
    /// <summary>Reads them; <paramref name="fits"/> is false for a comparison that there is not.</summary>
    internal static RequestedContexts? Read(XmlElement? asked, ref bool fits)
    {
        if (asked is null)
        {
            return null;
        }

        ContextComparison? comparison = asked.Attribute("Comparison") switch
        {
            null or "exact" => ContextComparison.Exact,
            "minimum" => ContextComparison.Minimum,
            "maximum" => ContextComparison.Maximum,
            "better" => ContextComparison.Better,
            _ => null,
        };
        fits &= comparison is not null;
        return new(comparison ?? default, [.. asked.Elements("AuthnContextClassRef", SamlNames.Assertion).Select(c => c.Text()).OfType<string>()]);
    }
}

/// <summary>A provider wants to know who sits at the browser (SAML core §3.4.1).</summary>
public sealed record AuthnRequest : SamlMessage
{
    /// <summary>Whether the person must prove themselves whatever session there is.</summary>
    public bool ForceAuthn { get; init; }

    /// <summary>Whether the person must not be asked for anything.</summary>
    public bool IsPassive { get; init; }

    public string? ConsumerUrl { get; init; }

    public string? ProtocolBinding { get; init; }

    public string? NameIdFormat { get; init; }

    /// <summary>Who the provider thinks it is.</summary>
    public string? Subject { get; init; }

    public RequestedContexts? Contexts { get; init; }

    public static new AuthnRequest? Read(XmlElement root)
    {
        if (!Head(root, "AuthnRequest", out var id, out var issued))
        {
            return null;
        }

        var fits = true;
        var request = new AuthnRequest
        {
            Id = id, Issued = issued, Issuer = IssuerOf(root), Destination = root.Attribute("Destination"),
            ForceAuthn = Switch(root, "ForceAuthn", ref fits), IsPassive = Switch(root, "IsPassive", ref fits),
            ConsumerUrl = root.Attribute("AssertionConsumerServiceURL"), ProtocolBinding = root.Attribute("ProtocolBinding"),
            NameIdFormat = root.Element("NameIDPolicy", SamlNames.Protocol).Attribute("Format"),
            Subject = root.Element("Subject", SamlNames.Assertion).Element("NameID", SamlNames.Assertion).Text(),
            Contexts = RequestedContexts.Read(root.Element("RequestedAuthnContext", SamlNames.Protocol), ref fits),
        };
        return fits ? request : null;
    }
}
