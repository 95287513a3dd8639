using Castellan.Core.Clients;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Tokens;

/// <summary>What is against a token that the realm did sign.</summary>
public enum TokenFault
{
    /// <summary>It is none that the realm gives out for this.</summary>
    Unknown,

    NotActive, Stale, Revoked, NoClient, ClientDisabled, NoSession,

    /// <summary>Its session, or its client's part of it, began after it.</summary>
    BeforeSession,

    NoUser,

    /// <summary>What its person had until then was revoked.</summary>
    UserStale,

    UserDisabled,

    /// <summary>Its session could not be an offline one any more.</summary>
    NotOffline,
}

/// <summary>A token that does not count, for the event that says so.</summary>
/// <param name="Error">What its bearer hears.</param>
/// <param name="Client">Its client, and its <paramref name="User"/>, as far as they were found out.</param>
public sealed record RefusedToken(TokenFault Fault, ProtocolError Error, Client? Client, User? User);
