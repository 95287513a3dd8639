using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Requests;

/// <summary>A request of a service provider on its way through the checks. Until <see cref="Client"/> is set and the signature is checked it is nobody's.</summary>
/// <param name="endpoint">The address of the realm's endpoint, to which messages say that they go.</param>
public sealed class SamlRequest(Realm realm, ServerAddresses server, string endpoint, ReceivedMessage received)
{
    public Realm Realm => realm;

    /// <summary>Where the server was reached.</summary>
    public ServerAddresses Server => server;

    public string Endpoint => endpoint;

    public ReceivedMessage Received => received;

    public SamlMessage Message => received.Message;

    /// <summary>Set by the first check.</summary>
    public Client Client { get; set; } = null!;

    /// <summary>Where and how an answer to an <see cref="AuthnRequest"/> goes; null until the client is known to own the address.</summary>
    public Consumer? Consumer { get; set; }
}

/// <summary>Why a request goes no further. The person sees a page: nothing of a refused request is believed, so no provider is told.</summary>
/// <param name="Error">What the event says.</param>
/// <param name="PageKey">The message of the page.</param>
/// <param name="Reason">What the event says beyond that.</param>
public sealed record SamlRefusal(string Error, string PageKey, string? Reason = null)
{
    public const string InvalidRequest = "invalidRequestMessage";

    /// <summary>The client that the event names.</summary>
    public string? ClientId { get; init; }

    /// <summary>The status of the page.</summary>
    public int Status { get; init; } = 400;

    /// <summary>What a client policy demands, where one refuses.</summary>
    public string? PolicyDetail { get; init; }
}
