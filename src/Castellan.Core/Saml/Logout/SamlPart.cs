using Castellan.Core.Clients;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Sessions;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Logout;

/// <summary>A provider's part in a session, as it was told to the provider: what is left to say when the session ends.</summary>
/// <param name="ClientId">The client's internal id.</param>
/// <param name="Binding">The binding by which it heard of the sign-in.</param>
public sealed record SamlPart(string ClientId, string SessionIndex, string? NameId, string? NameIdFormat, SamlBinding Binding)
{
    public static SamlPart Of(ClientSession part) => new(
        part.ClientId, IndexOf(part.SessionId, part.ClientId), part.Notes.GetValueOrDefault(SamlNotes.NameId), part.Notes.GetValueOrDefault(SamlNotes.NameIdGiven),
        part.Notes.GetValueOrDefault(SamlNotes.Binding) == SamlNotes.Post ? SamlBinding.Post : SamlBinding.Redirect);

    /// <summary>How a provider knows its part of a session.</summary>
    public static string IndexOf(string sessionId, string clientId) => $"{sessionId}::{clientId}";

    /// <summary>The session of an index, where it is the client's own.</summary>
    public static string? SessionOf(string index, Client client) => index.Split("::") is [{ Length: > 0 and <= 64 } session, var id] && id == client.Id ? session : null;

    /// <summary>The request that the provider gets (SAML core §3.7.1).</summary>
    public LogoutRequest Request(string id, string issuer, string destination, DateTimeOffset now) => new()
    {
        Id = id, Issued = now, Issuer = issuer, Destination = destination, NameId = NameId, NameIdFormat = NameIdFormat, SessionIndexes = [SessionIndex],
    };
}
