using Castellan.Core.Authorize;
using Castellan.Core.Ciba;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Clients.Policies;

/// <summary>When client policies are asked.</summary>
public abstract class PolicyOccasion(Realm realm)
{
    public Realm Realm => realm;

    /// <summary>The client that it is about: stored, or as it shall be.</summary>
    public abstract ClientRepresentation Client { get; }
}

/// <summary>How somebody comes to make or change a client.</summary>
public enum ClientSource
{
    AuthenticatedUser, Anonymous, InitialAccessToken, RegistrationAccessToken,
}

/// <summary>A client is made or changed. Executors that configure by themselves write to <see cref="Client"/>.</summary>
/// <param name="Existing">The client before; null for a new one.</param>
/// <param name="Asked">What was sent: it tells what somebody chose from what was filled in.</param>
public sealed class ClientChangeOccasion(Realm realm, ClientRepresentation client, ClientRepresentation asked, ClientRepresentation? existing, ClientSource source) : PolicyOccasion(realm)
{
    public override ClientRepresentation Client => client;

    public ClientRepresentation Asked => asked;

    public ClientRepresentation? Existing => existing;

    public ClientSource Source => source;

    /// <summary>Whether it comes by client registration, and not by the administration.</summary>
    public bool IsDynamic { get; init; }

    /// <summary>The user who does it, where one does.</summary>
    public User? User { get; init; }

    /// <summary>The address that the request came from.</summary>
    public string? Address { get; init; }

    /// <summary>A client that changes itself keeps its registration access token; executors say so.</summary>
    public bool KeepsRegistrationToken { get; set; }
}

/// <summary>A request of a client, at the authorization endpoint or at the token endpoint.</summary>
public abstract class ClientRequestOccasion(Realm realm, Client client) : PolicyOccasion(realm)
{
    public override ClientRepresentation Client => client.Representation;

    public Client Requester => client;

    /// <summary>A parameter of the request; null when absent or empty.</summary>
    public abstract string? this[string name] { get; }

    /// <summary>The grants that the request is or leads to.</summary>
    public abstract IEnumerable<string> Grants { get; }
}

/// <summary>An authorization request.</summary>
/// <param name="early">Whether nothing of the request is checked yet, so that a refusal is a page.</param>
/// <param name="nowSeconds">Seconds since 1970.</param>
public sealed class AuthorizationOccasion(AuthorizeRequest request, bool early, long nowSeconds) : ClientRequestOccasion(request.Realm, request.Client)
{
    public AuthorizeRequest Request => request;

    public bool IsEarly => early;

    public long NowSeconds => nowSeconds;

    public override string? this[string name] => request[name];

    public override IEnumerable<string> Grants => (request.ResponseType & (ResponseType.Token | ResponseType.IdToken), request.ResponseType.HasFlag(ResponseType.Code)) switch
    {
        (ResponseType.None, _) => ["authorization_code"],
        (_, true) => ["authorization_code", "implicit"],
        _ => ["implicit"],
    };
}

/// <summary>A request at the token endpoint, its client known. Executors say in the two flags how the answer shall be.</summary>
/// <param name="holder">Whose the tokens will be, where that is not the client that asks.</param>
public sealed class TokenOccasion(Grants.TokenRequest request, string grantType, Client? holder = null) : ClientRequestOccasion(request.Realm, holder ?? request.Client)
{
    public string GrantType => grantType;

    public string Issuer => request.Issuer;

    /// <summary>How the client proved itself.</summary>
    public string? Method => Requester.IsPublic ? null : Requester.Representation.ClientAuthenticatorType ?? ClientAuthentication.DefaultMethod;

    public bool HasDPoPProof => request.DPoPThumbprint is not null;

    public bool HasCertificate => request.BindingThumbprint is not null;

    /// <summary>The access token carries little.</summary>
    public bool Lightweight { get; set; }

    /// <summary>The key of the proof binds the refresh token and no access token: the API that it is for knows nothing of keys.</summary>
    public bool BindsOnlyRefreshToken { get; set; }

    /// <summary>A refresh gives no new refresh token: the old one goes on.</summary>
    public bool KeepsRefreshToken { get; set; }

    public override string? this[string name] => request.Form.Value(name);

    public override IEnumerable<string> Grants => [grantType];
}

/// <summary>A client wants a person asked on their device.</summary>
/// <param name="signed">The claims of the signed request; null where the request is not signed.</param>
/// <param name="nowSeconds">Seconds since 1970.</param>
public sealed class BackchannelOccasion(Realm realm, Client client, CibaAsked asked, JwtClaims? signed, string issuer, long nowSeconds) : ClientRequestOccasion(realm, client)
{
    public CibaAsked Asked => asked;

    public JwtClaims? Signed => signed;

    public string Issuer => issuer;

    public long NowSeconds => nowSeconds;

    public override string? this[string name] => asked[name] is { Length: > 0 } value ? value : null;

    public override IEnumerable<string> Grants => [CibaPolicy.GrantType];
}

/// <summary>An endpoint that a client comes to by itself. Each is an occasion for policies.</summary>
public enum ClientEndpoint
{
    /// <summary>Has an occasion of its own, when the grant is known: <see cref="TokenOccasion"/>.</summary>
    Token,

    /// <summary>Has an occasion of its own, when the request is read: <see cref="AuthorizationOccasion"/>.</summary>
    PushedRequest,

    /// <summary>Has an occasion of its own, when the request is read: <see cref="BackchannelOccasion"/>.</summary>
    BackchannelAuthentication,

    DeviceAuthorization, Revocation, Introspection, Logout, UserInfo,
}

/// <summary>A client that is known comes to an endpoint, and nothing of what it asks there is looked at yet.</summary>
public sealed class EndpointOccasion(Realm realm, Client client, ClientEndpoint endpoint) : PolicyOccasion(realm)
{
    public override ClientRepresentation Client => client.Representation;

    public ClientEndpoint Endpoint => endpoint;

    /// <summary>How the client proves itself here; null where it need not.</summary>
    public string? Method => client.IsPublic || endpoint == ClientEndpoint.UserInfo ? null : client.Representation.ClientAuthenticatorType ?? ClientAuthentication.DefaultMethod;
}

/// <summary>A client proves itself, anywhere but at the token endpoint, whose occasion shows the proof with the rest.</summary>
public sealed class ProofOccasion(Realm realm, Client client, Form form, string issuer) : PolicyOccasion(realm)
{
    public override ClientRepresentation Client => client.Representation;

    public Client Prover => client;

    public string Issuer => issuer;

    public string? this[string name] => form.Value(name);
}

/// <summary>One demand on clients. It concerns itself with the occasions that it overrides and lets the others pass.</summary>
public abstract class PolicyExecutor(string id)
{
    /// <summary>Its name in profiles.</summary>
    public string Id => id;

    public virtual ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings) => null;

    public virtual ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) => null;

    /// <summary>The same for an executor that has to ask somebody else; it comes after <see cref="Authorize"/>.</summary>
    public virtual ValueTask<ProtocolError?> AuthorizeAsync(AuthorizationOccasion occasion, PolicySettings settings, IFetch fetch, CancellationToken ct) => default;

    public virtual ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) => null;

    public virtual ProtocolError? Enter(EndpointOccasion occasion, PolicySettings settings) => null;

    public virtual ProtocolError? Saml(SamlOccasion occasion, PolicySettings settings) => null;

    public virtual ProtocolError? Prove(ProofOccasion occasion, PolicySettings settings) => null;

    /// <summary>What holds for whoever enters an endpoint holds for requests that go to people's devices, too.</summary>
    public virtual ProtocolError? Backchannel(BackchannelOccasion occasion, PolicySettings settings) =>
        Enter(new EndpointOccasion(occasion.Realm, occasion.Requester, ClientEndpoint.BackchannelAuthentication), settings);

    /// <summary>What is wrong with the settings of a client.</summary>
    protected static ProtocolError Metadata(string what) => new("invalid_client_metadata", "Invalid client metadata: " + what);

    protected static ProtocolError Request(string description) => new("invalid_request", description);
}
