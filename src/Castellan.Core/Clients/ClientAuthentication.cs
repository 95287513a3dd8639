using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Clients;

/// <summary>A client that proved who it is, or that is public and needs no proof.</summary>
/// <param name="Method">How: <c>client-secret</c>, <c>client-jwt</c>, <c>client-secret-jwt</c>, <c>client-x509</c>, <c>none</c>.</param>
public sealed record AuthenticatedClient(Client Client, string Method);

/// <summary>What a request shows of its client.</summary>
public sealed record ClientProof
{
    public required Realm Realm { get; init; }

    public required Form Form { get; init; }

    /// <summary>The header <c>Authorization</c> as it came.</summary>
    public string? Authorization { get; init; }

    /// <summary>The realm's issuer; with the addresses of the endpoints below it what an assertion may name as its audience.</summary>
    public required string Issuer { get; init; }

    /// <summary>The realm's own address as back channels see it, when it differs from the issuer.</summary>
    public string? BackendIssuer { get; init; }

    /// <summary>The client certificate of the connection, DER.</summary>
    public byte[]? Certificate { get; init; }

    /// <summary>What the client wants. The realm's policies are asked about it as soon as the client is known.</summary>
    public required ClientEndpoint Endpoint { get; init; }

    /// <summary>What is being done; the client and the way it proved itself are noted in it.</summary>
    public required LoginEvent Event { get; init; }
}

/// <summary>Client authentication (RFC 6749 §2.3, RFC 7523, RFC 8705) for every endpoint that wants it.</summary>
public interface IClientAuthentication
{
    ValueTask<Result<AuthenticatedClient>> AuthenticateAsync(ClientProof proof, CancellationToken ct = default);
}
