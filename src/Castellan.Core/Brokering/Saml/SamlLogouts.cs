using System.Diagnostics.CodeAnalysis;
using Castellan.Core.Saml.Responses;
using Castellan.Core.Sessions;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>What a provider that speaks SAML hears of the end of a session here (SAML core §3.7.1).</summary>
public static class SamlLogouts
{
    /// <summary>The request about a session that came by the provider, ready to go; null when the provider cannot be asked.</summary>
    /// <param name="binding">How it goes there.</param>
    public static SamlDeparture? Begin(SamlProvider provider, UserSession session, SamlBinding binding, string relayState, DateTimeOffset now)
    {
        if (!CanAsk(provider, session, out var address, out var name) || !provider.TryFindSigner(out var signer))
        {
            return null;
        }

        var request = new LogoutRequest
        {
            Id = SamlResponses.NewId(), Issued = now, Issuer = provider.EntityId, Destination = address, NameId = name,
            NameIdFormat = session.Notes.GetValueOrDefault(SamlAnswers.NameIdFormatNote),
            NameQualifier = session.Notes.GetValueOrDefault(SamlAnswers.NameQualifierNote), SpNameQualifier = session.Notes.GetValueOrDefault(SamlAnswers.SpNameQualifierNote),
            SessionIndexes = session.Notes.GetValueOrDefault(SamlAnswers.SessionIndexNote) is { } index ? [index] : [],
        };
        return SamlDeparture.Of(provider, address, binding, request.Write, relayState, signer);
    }

    private static bool CanAsk(SamlProvider provider, UserSession session, [NotNullWhen(true)] out string? address, [NotNullWhen(true)] out string? name)
    {
        (address, name) = (provider.LogoutUrl, session.Notes.GetValueOrDefault(SamlAnswers.NameIdNote));
        return address is not null && name is not null;
    }
}
