using System.Xml;
using Castellan.Core.Codes;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>From a provider's assertion to the person whom it is about (SAML profiles §4.1.4.3).</summary>
public sealed class SamlAnswers(IdentityMappers mappers, IOneUse used, TimeProvider time)
{
    /// <summary>Session notes by which the provider's session is ended later.</summary>
    public const string NameIdNote = "broker-saml-name-id", NameIdFormatNote = "broker-saml-name-id-format", SessionIndexNote = "broker-saml-session-index",
        NameQualifierNote = "broker-saml-name-qualifier", SpNameQualifierNote = "broker-saml-sp-name-qualifier";

    private const string EmailAttribute = "urn:oid:1.2.840.113549.1.9.1";

    private const string UsedKind = "broker-assertion";

    private const string Bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

    /// <summary>How many characters names, addresses and ids may have, as of those who come by other providers.</summary>
    private const int Longest = 255;

    private const int MaxAttributes = 500;

    /// <summary>Who the provider says that it is, in answer to this request; or why it is not believed.</summary>
    /// <param name="document">The response as it came, which some providers' tokens are.</param>
    public async ValueTask<Result<BrokeredIdentity>> IdentifyAsync(SamlProvider provider, SignedResponse signed, SentRequest sent, string document, CancellationToken ct = default)
    {
        if (!Identify(provider, signed, sent, document).Ok(out var found, out var fault))
        {
            return fault;
        }

        // An answer to a request is spent with the request. Of what nobody asked for the names have to be kept (profiles §4.1.4.5).
        return sent.Nonce is not null || await SpendAsync(provider, found.Assertion, ct) ? found.Identity : SamlFaults.Requester("The assertion nobody asked for has no id, or came before.");
    }

    private async ValueTask<bool> SpendAsync(SamlProvider provider, XmlElement assertion, CancellationToken ct)
    {
        var until = assertion.Elements("Subject", SamlNames.Assertion).SelectMany(s => s.Elements("SubjectConfirmation", SamlNames.Assertion))
            .Max(c => SamlMessage.Instant(c.Only("SubjectConfirmationData", SamlNames.Assertion).Attribute("NotOnOrAfter")));
        return assertion.Attribute("ID") is { Length: > 0 } id && until is { } end
            && await used.TryAddAsync(provider.Realm.Id, UsedKind, $"{provider.Provider.Alias}\n{id}", end.AddSeconds(provider.Provider.ClockSkew).ToUnixTimeMilliseconds(), ct);
    }

    private Result<(BrokeredIdentity Identity, XmlElement Assertion)> Identify(SamlProvider provider, SignedResponse signed, SentRequest sent, string document)
    {
        var response = signed.Response;
        if (!SamlSignatures.Open(provider, signed).Ok(out var assertion, out var fault))
        {
            return fault;
        }

        // Nothing is said of what was inside before it is known who wrote it.
        var wasEncrypted = assertion != signed.Carried[0];
        if (wasEncrypted && SamlSignatures.Fault(provider, signed, assertion) is { } hidden)
        {
            return hidden;
        }

        if (provider.ProviderId is { } id && response.Issuer != id)
        {
            return SamlFaults.Requester("The response is of another provider.");
        }

        var subject = assertion.Only("Subject", SamlNames.Assertion);
        if (response.InResponseTo != sent.Nonce || (Answered(subject) is { } answered && answered != sent.Nonce))
        {
            return SamlFaults.Requester("The response answers another request.");
        }

        if (!wasEncrypted && SamlSignatures.Fault(provider, signed, assertion) is { } unsigned)
        {
            return unsigned;
        }

        if (assertion.Attribute("Version") != "2.0" || (provider.ProviderId is { } named && assertion.Only("Issuer", SamlNames.Assertion).Text() != named))
        {
            return SamlFaults.Requester("The assertion is of another provider, or of another version.");
        }

        return Settle(provider, assertion, subject, sent, document).Ok(out var identity, out fault) ? (identity, assertion) : fault;
    }

    /// <summary>The request that the subject's first confirmation is for, where it says one.</summary>
    private static string? Answered(XmlElement? subject) =>
        subject.Element("SubjectConfirmation", SamlNames.Assertion).Only("SubjectConfirmationData", SamlNames.Assertion).Attribute("InResponseTo");

    /// <summary>Whether the assertion is for here and now (profiles §4.1.4.3).</summary>
    private bool IsMeant(SamlProvider provider, XmlElement assertion, XmlElement? subject, SentRequest sent)
    {
        var now = time.GetUtcNow();
        var skew = TimeSpan.FromSeconds(provider.Provider.ClockSkew);
        return assertion.Only("Conditions", SamlNames.Assertion) is { } conditions && IsNow(conditions, now, skew) && IsFor(conditions, provider)
            && subject is not null && subject.Elements("SubjectConfirmation", SamlNames.Assertion).Any(c => Confirms(c, provider, sent, now, skew));
    }

    /// <summary>SAML core §2.5.1.2.</summary>
    private static bool IsNow(XmlElement bounds, DateTimeOffset now, TimeSpan skew) =>
        (bounds.Attribute("NotBefore") is not { } from || SamlMessage.Instant(from) is { } begin && begin <= now + skew)
        && (bounds.Attribute("NotOnOrAfter") is not { } until || SamlMessage.Instant(until) is { } end && now - skew < end);

    /// <summary>§2.5.1.4: each restriction names us. An assertion without one is for anybody, and so could have been given to anybody else (profiles §4.1.4.2).</summary>
    private static bool IsFor(XmlElement conditions, SamlProvider provider)
    {
        var restrictions = conditions.Elements("AudienceRestriction", SamlNames.Assertion).ToList();
        return restrictions.Count > 0 && restrictions.TrueForAll(r => r.Elements("Audience", SamlNames.Assertion).Any(a => a.Text() is { } us && (us == provider.EntityId || provider.IsEndpoint(us))));
    }

    /// <summary>Profiles §4.1.4.3: whoever carries it here, now, in answer to our request.</summary>
    private static bool Confirms(XmlElement confirmation, SamlProvider provider, SentRequest sent, DateTimeOffset now, TimeSpan skew) =>
        confirmation.Attribute("Method") == Bearer && confirmation.Only("SubjectConfirmationData", SamlNames.Assertion) is { } data && provider.IsEndpoint(data.Attribute("Recipient"))
        && data.Attribute("InResponseTo") == sent.Nonce && data.Attribute("NotOnOrAfter") is not null && IsNow(data, now, skew);

    private Result<BrokeredIdentity> Settle(SamlProvider provider, XmlElement assertion, XmlElement? subject, SentRequest sent, string document)
    {
        var name = subject.Only("NameID", SamlNames.Assertion)
            ?? (subject.Only("EncryptedID", SamlNames.Assertion) is { } hidden && SamlSignatures.Decrypt(provider.Realm, hidden) is { } shown && shown.Is("NameID", SamlNames.Assertion) ? shown : null);
        var said = assertion.Elements("AttributeStatement", SamlNames.Assertion).SelectMany(s => s.Elements("Attribute", SamlNames.Assertion)).Take(MaxAttributes)
            .Select(a => new SaidAttribute(
                a.Attribute("Name"), a.Attribute("FriendlyName"), [.. a.Elements("AttributeValue", SamlNames.Assertion).Select(Value).Where(v => !v.Contains('\0', StringComparison.Ordinal))])).ToList();
        var wanted = provider.Provider.Setting("principalAttribute");
        var principal = provider.Provider.Setting("principalType") switch
        {
            "ATTRIBUTE" => said.Where(a => a.Name == wanted).SelectMany(a => a.Values).FirstOrDefault(),
            "FRIENDLY_ATTRIBUTE" => said.Where(a => a.FriendlyName == wanted).SelectMany(a => a.Values).FirstOrDefault(),
            _ => name.Text(),
        };
        if (principal is not { Length: > 0 and <= Longest })
        {
            return SamlFaults.Requester("The assertion does not say who it is.");
        }

        if (!IsMeant(provider, assertion, subject, sent))
        {
            return SamlFaults.Conditions("The assertion is for another audience or another time, or its subject is not confirmed for this place.");
        }

        var format = name.Attribute("Format");
        var session = assertion.Elements("AuthnStatement", SamlNames.Assertion).Select(s => s.Attribute("SessionIndex")).FirstOrDefault(s => s is { Length: > 0 and <= Longest });
        var identity = new BrokeredIdentity
        {
            Provider = provider.Provider.Alias, Id = principal, Username = principal, Said = said, NameId = name.Text(),
            Email = (EmailOf(said) ?? (format == SamlNames.Email ? name.Text() : null))?.ToLowerInvariant(), TokenResponse = provider.Provider.StoreToken ? document : null,
            SessionId = session is null ? null : $"{provider.Provider.Alias}.{session}",
        };
        void Note(string note, string? value)
        {
            if (value is { Length: > 0 and <= Longest })
            {
                identity.SessionNotes[note] = value;
            }
        }

        Note(NameIdNote, name.Text());
        Note(NameIdFormatNote, format);
        Note(NameQualifierNote, name.Attribute("NameQualifier"));
        Note(SpNameQualifierNote, name.Attribute("SPNameQualifier"));
        Note(SessionIndexNote, session);
        mappers.Preprocess(provider.Realm, provider.Provider, identity);
        return Array.TrueForAll([identity.Id, identity.Username, identity.LocalUsername, identity.Email, identity.FirstName, identity.LastName], text => text is null or { Length: <= Longest })
            ? identity : SamlFaults.Requester($"A name or address of the account is longer than {Longest} characters.");
    }

    /// <summary>The address, under the name that X.500 has for it (SAML profiles §8.2).</summary>
    private static string? EmailOf(List<SaidAttribute> said) =>
        said.Where(a => a.Name == EmailAttribute || a.FriendlyName == "email").SelectMany(a => a.Values).FirstOrDefault() is { Length: > 0 } email ? email : null;

    /// <summary>A value in text; one that is made of elements is written as they are.</summary>
    private static string Value(XmlElement value) =>
        value.ChildNodes.OfType<XmlNode>().FirstOrDefault(n => n.NodeType is not (XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)) is XmlElement first && !first.Is("NameID", SamlNames.Assertion)
            ? value.InnerXml : value.InnerText;
}
