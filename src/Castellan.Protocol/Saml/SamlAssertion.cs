using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>The name of a person for one reader (SAML core §2.2.3).</summary>
public sealed record SamlNameId(string Format, string Value)
{
    public void Write(XmlWriter xml)
    {
        xml.WriteStartElement("saml", "NameID", SamlNames.Assertion);
        xml.WriteAttributeString("Format", Format);
        xml.WriteString(XmlParts.Writable(Value));
        xml.WriteEndElement();
    }
}

/// <summary>An attribute of a person (SAML core §2.7.3.1). A value may be null: the person has the attribute, and nothing stands in it.</summary>
public sealed record SamlAttribute(string Name, string NameFormat, string? FriendlyName, IReadOnlyList<string?> Values);

/// <summary>That and how a person proved who they are (SAML core §2.7.2).</summary>
public sealed record AuthnStatement(DateTimeOffset Instant, string SessionIndex, DateTimeOffset SessionEnds, string ContextClass);

/// <summary>What an identity provider says of a person, to a service provider that takes it from whoever carries it (SAML core §2.3.3, profiles §4.1.4.2).</summary>
public sealed record SamlAssertion
{
    private const string Schema = "http://www.w3.org/2001/XMLSchema";
    private const string Instance = "http://www.w3.org/2001/XMLSchema-instance";

    public required string Id { get; init; }

    public required DateTimeOffset Issued { get; init; }

    public required string Issuer { get; init; }

    public required SamlNameId Subject { get; init; }

    /// <summary>The request that it answers; null where nobody asked.</summary>
    public string? InResponseTo { get; init; }

    /// <summary>Where it is handed over.</summary>
    public required string Recipient { get; init; }

    /// <summary>Until when it may be handed over.</summary>
    public required DateTimeOffset ConfirmedUntil { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotOnOrAfter { get; init; }

    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>Whether its reader must not keep it.</summary>
    public bool OneTimeUse { get; init; }

    public AuthnStatement? Authentication { get; init; }

    public IReadOnlyList<SamlAttribute> Attributes { get; init; } = [];

    public void Write(XmlWriter xml)
    {
        Start("Assertion");
        xml.WriteAttributeString("ID", Id);
        xml.WriteAttributeString("IssueInstant", SamlMessage.Text(Issued));
        xml.WriteAttributeString("Version", "2.0");
        Text("Issuer", Issuer);
        WriteSubject();
        WriteConditions();
        WriteAuthentication();
        WriteAttributes();
        xml.WriteEndElement();

        void Start(string name) => xml.WriteStartElement("saml", name, SamlNames.Assertion);

        void Text(string name, string text) => xml.WriteElementString("saml", name, SamlNames.Assertion, text);

        void WriteSubject()
        {
            Start("Subject");
            Subject.Write(xml);
            Start("SubjectConfirmation");
            xml.WriteAttributeString("Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer");
            Start("SubjectConfirmationData");
            if (InResponseTo is not null)
            {
                xml.WriteAttributeString("InResponseTo", InResponseTo);
            }

            xml.WriteAttributeString("NotOnOrAfter", SamlMessage.Text(ConfirmedUntil));
            xml.WriteAttributeString("Recipient", Recipient);
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        void WriteConditions()
        {
            Start("Conditions");
            xml.WriteAttributeString("NotBefore", SamlMessage.Text(NotBefore));
            xml.WriteAttributeString("NotOnOrAfter", SamlMessage.Text(NotOnOrAfter));
            Start("AudienceRestriction");
            foreach (var audience in Audiences)
            {
                Text("Audience", audience);
            }

            xml.WriteEndElement();
            if (OneTimeUse)
            {
                Start("OneTimeUse");
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        void WriteAuthentication()
        {
            if (Authentication is null)
            {
                return;
            }

            Start("AuthnStatement");
            xml.WriteAttributeString("AuthnInstant", SamlMessage.Text(Authentication.Instant));
            xml.WriteAttributeString("SessionIndex", Authentication.SessionIndex);
            xml.WriteAttributeString("SessionNotOnOrAfter", SamlMessage.Text(Authentication.SessionEnds));
            Start("AuthnContext");
            Text("AuthnContextClassRef", Authentication.ContextClass);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        void WriteAttributes()
        {
            // SAML core §2.7.3: a statement has at least one attribute.
            if (Attributes.Count == 0)
            {
                return;
            }

            Start("AttributeStatement");
            foreach (var attribute in Attributes)
            {
                Start("Attribute");
                if (attribute.FriendlyName is not null)
                {
                    xml.WriteAttributeString("FriendlyName", attribute.FriendlyName);
                }

                xml.WriteAttributeString("Name", attribute.Name);
                xml.WriteAttributeString("NameFormat", attribute.NameFormat);
                foreach (var value in attribute.Values)
                {
                    Start("AttributeValue");
                    xml.WriteAttributeString("xmlns", "xs", null, Schema);
                    if (value is null)
                    {
                        xml.WriteAttributeString("xsi", "nil", Instance, "true");
                    }

                    xml.WriteAttributeString("xsi", "type", Instance, "xs:string");
                    xml.WriteString(value is null ? null : XmlParts.Writable(value));
                    xml.WriteEndElement();
                }

                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }
    }
}
