using System.Xml;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>From a provider's assertion to the person whom it is about (SAML profiles §4.1.4.3).</summary>
public sealed class SamlAnswers(IdentityMappers mappers, TimeProvider time)
{
    /// <summary>Session notes by which the provider's session is ended later.</summary>
    public const string NameIdNote = "broker-saml-name-id", NameIdFormatNote = "broker-saml-name-id-format", SessionIndexNote = "broker-saml-session-index";

    private const string Bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

    /// <summary>How many characters names, addresses and ids may have, as of those who come by other providers.</summary>
    private const int Longest = 255;

    private const int MaxAttributes = 500;

    /// <summary>Who the provider says that it is, in answer to this request; or why it is not believed.</summary>
    /// <param name="assertion">As it was found to be signed.</param>
    public Result<BrokeredIdentity> Identify(SamlProvider provider, ReceivedResponse response, XmlElement assertion, SentRequest sent)
    {
        var now = time.GetUtcNow();
        var skew = TimeSpan.FromSeconds(provider.Provider.ClockSkew);
        if (assertion.Attribute("Version") != "2.0" || Misaddressed(provider, response, assertion) is not null)
        {
            return SamlFaults.Requester(Misaddressed(provider, response, assertion) ?? "The assertion is of another version.");
        }

        if (assertion.Only("Conditions", SamlNames.Assertion) is not { } conditions || !IsNow(conditions, now, skew) || !IsFor(conditions, provider.EntityId))
        {
            return SamlFaults.Response("The assertion is for another audience, or for another time.");
        }

        var subject = assertion.Only("Subject", SamlNames.Assertion);
        if (response.InResponseTo != sent.Nonce || subject is null || !subject.Elements("SubjectConfirmation", SamlNames.Assertion).Any(c => Confirms(c, provider, sent, now, skew)))
        {
            return SamlFaults.Response("The assertion answers another request, or its subject is not confirmed for this place.");
        }

        return Settle(provider, assertion, subject);
    }

    private static string? Misaddressed(SamlProvider provider, ReceivedResponse response, XmlElement assertion) =>
        provider.ProviderId is { } id && ((response.Issuer is not null && response.Issuer != id) || assertion.Only("Issuer", SamlNames.Assertion).Text() != id) ? "The issuer is another provider."
        : response.Destination is { } destination && destination != provider.Endpoint ? "The response was sent to another place."
        : null;

    /// <summary>SAML core §2.5.1.2.</summary>
    private static bool IsNow(XmlElement bounds, DateTimeOffset now, TimeSpan skew) =>
        (bounds.Attribute("NotBefore") is not { } from || SamlMessage.Instant(from) is { } begin && begin <= now + skew)
        && (bounds.Attribute("NotOnOrAfter") is not { } until || SamlMessage.Instant(until) is { } end && now - skew < end);

    /// <summary>§2.5.1.4: each restriction names us. An assertion without one is for anybody, and so could have been given to anybody else (profiles §4.1.4.2).</summary>
    private static bool IsFor(XmlElement conditions, string entityId)
    {
        var restrictions = conditions.Elements("AudienceRestriction", SamlNames.Assertion).ToList();
        return restrictions.Count > 0 && restrictions.TrueForAll(r => r.Elements("Audience", SamlNames.Assertion).Any(a => a.Text() == entityId));
    }

    /// <summary>Profiles §4.1.4.3: whoever carries it here, now, in answer to our request.</summary>
    private static bool Confirms(XmlElement confirmation, SamlProvider provider, SentRequest sent, DateTimeOffset now, TimeSpan skew) =>
        confirmation.Attribute("Method") == Bearer && confirmation.Only("SubjectConfirmationData", SamlNames.Assertion) is { } data && data.Attribute("Recipient") == provider.Endpoint
        && data.Attribute("InResponseTo") == sent.Nonce && data.Attribute("NotOnOrAfter") is not null && IsNow(data, now, skew);

    private Result<BrokeredIdentity> Settle(SamlProvider provider, XmlElement assertion, XmlElement subject)
    {
        var name = subject.Only("NameID", SamlNames.Assertion);
        var said = assertion.Elements("AttributeStatement", SamlNames.Assertion).SelectMany(s => s.Elements("Attribute", SamlNames.Assertion)).Take(MaxAttributes)
            .Select(a => new SaidAttribute(
                a.Attribute("Name"), a.Attribute("FriendlyName"), [.. a.Elements("AttributeValue", SamlNames.Assertion).Select(v => v.InnerText).Where(v => !v.Contains('\0', StringComparison.Ordinal))])).ToList();
        var wanted = provider.Provider.Setting("principalAttribute");
        var principal = provider.Provider.Setting("principalType") switch
        {
            "ATTRIBUTE" => said.Find(a => a.Name == wanted)?.Values.FirstOrDefault(),
            "FRIENDLY_ATTRIBUTE" => said.Find(a => a.FriendlyName == wanted)?.Values.FirstOrDefault(),
            _ => name.Text(),
        };
        if (principal is not { Length: > 0 and <= Longest })
        {
            return SamlFaults.Requester("The assertion does not say who it is.");
        }

        var format = name.Attribute("Format");
        var session = assertion.Elements("AuthnStatement", SamlNames.Assertion).Select(s => s.Attribute("SessionIndex")).FirstOrDefault(s => s is { Length: > 0 and <= Longest });
        var identity = new BrokeredIdentity
        {
            Provider = provider.Provider.Alias, Id = principal, Username = principal, Said = said, NameId = name.Text(),
            Email = format == SamlNames.Email ? name.Text()?.ToLowerInvariant() : null, SessionId = session is null ? null : $"{provider.Provider.Alias}.{session}",
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
        Note(SessionIndexNote, session);
        mappers.Preprocess(provider.Realm, provider.Provider, identity);
        return Array.TrueForAll([identity.Id, identity.Username, identity.LocalUsername, identity.Email, identity.FirstName, identity.LastName], text => text is null or { Length: <= Longest })
            ? identity : SamlFaults.Requester($"A name or address of the account is longer than {Longest} characters.");
    }
}
