using Castellan.Core.Outbound;
using Castellan.Core.Saml.Responses;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Brokering.Saml;

/// <summary>Asks a provider, from server to server, for the answer that an artifact stands for (SAML bindings §3.6, profiles §5).</summary>
public sealed class SamlArtifacts(IFetch fetch, TimeProvider time)
{
    private static readonly KeyValuePair<string, string> s_action = new("SOAPAction", SoapEnvelope.Action);

    /// <summary>The answer as if it had come through the browser; null when the provider gives none.</summary>
    /// <param name="artifact">As it came.</param>
    public async ValueTask<ReceivedMessage?> ResolveAsync(SamlProvider provider, string artifact, string? relayState, CancellationToken ct = default)
    {
        if (SamlArtifact.Read(artifact) is not { } known || provider.ArtifactUrl is not { } address || !provider.TryFindSigner(out var signer))
        {
            return null;
        }

        var request = new ArtifactResolve { Id = SamlResponses.NewId(), Issued = time.GetUtcNow(), Issuer = provider.EntityId, Destination = address, Artifact = known };
        var message = request.Write().DocumentElement!;
        signer?.Sign(message);
        var sent = new FetchRequest(address, Accept: "text/xml", MaxLength: UntrustedXml.MaxBytes, Body: new("text/xml; charset=utf-8", SoapEnvelope.Around(message))) { Headers = [s_action] };
        return await fetch.SendAsync(sent, ct) is { IsOk: true } answer ? ReceivedMessage.FromArtifactResponse(answer.Body, request.Id, relayState, ReceivedResponse.Read) : null;
    }
}
