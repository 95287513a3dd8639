using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Saml;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Saml.Requests.Checks;
using Castellan.Core.Saml.Responses;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>Messages for which a browser brings an artifact only (SAML bindings §3.6): they are fetched from the service provider whose artifact it is.</summary>
internal sealed class ArtifactsOfProviders(LoginHttp login, IConfigurationStore store, IFetch fetch, TimeProvider time)
{
    private const string Identifier = "saml.artifact.binding.identifier";
    private const string Unanswered = "saml.artifactResolutionServiceInvalidResponse";

    /// <summary>The message, or why there is none. It is checked as if it had come by itself; only its signature must stand in it.</summary>
    public async ValueTask<(ReceivedMessage? Message, SamlRefusal? Refusal)> FetchAsync(HttpContext http, Realm realm, string artifact, string? relayState)
    {
        if (SamlArtifact.SourceOf(artifact, out var problem) is not { } source)
        {
            return (null, new("invalid_artifact", SamlRefusal.InvalidRequest, problem));
        }

        var found = await store.ListClientsAsync(realm.Id, new(Attributes: new Dictionary<string, string> { [Identifier] = source }), 0, 1, http.RequestAborted);
        if (found is not [var row] || await login.Services.Clients.FindByIdAsync(realm, row.Representation.Id!, http.RequestAborted) is not { } client)
        {
            return (null, new("invalid_artifact", SamlRefusal.InvalidRequest, "No client matching the artifact source found"));
        }

        if (ProviderCheck.Refuse(client) is { } refusal)
        {
            return (null, refusal);
        }

        if (client.Attribute("saml_artifact_resolution_service_url") is not { } address || !RealmSigner.TryFind(realm, client, out var signer))
        {
            return (null, Failed("unexpectedErrorHandlingRequestMessage", $"There is no configured artifact resolution service for the client {client.ClientId}"));
        }

        var asked = new ArtifactResolve { Id = SamlResponses.NewId(), Issued = time.GetUtcNow(), Issuer = login.Urls.Issuer(http, realm), Artifact = artifact };
        var root = asked.Write().DocumentElement!;
        signer?.Sign(root);
        var answer = await fetch.SendAsync(new(address, Accept: "text/xml", Body: new("text/xml;charset=UTF-8", SoapEnvelope.Around(root))), http.RequestAborted);
        if (answer is not { Status: StatusCodes.Status200OK })
        {
            return (null, Failed(Unanswered, answer is null ? "Artifact resolution failed" : $"Artifact resolution failed with status: {answer.Status}"));
        }

        if (UntrustedXml.Read(answer.Body)?.DocumentElement is not { } envelope || SoapEnvelope.Content(envelope) is not { } response || !ArtifactResponse.Answers(response, asked.Id))
        {
            return (null, Failed(Unanswered, "Message received from ArtifactResolveService is not an ArtifactResponseMessage"));
        }

        return ArtifactResponse.ContentOf(response) is { } content
            ? (ReceivedMessage.FromArtifact(content, HttpMethods.IsPost(http.Request.Method) ? SamlBinding.Post : SamlBinding.Redirect, relayState), null)
            : (null, Failed(Unanswered, null) with { Status = 400 });
    }

    private static SamlRefusal Failed(string pageKey, string? reason) => new("identity_provider_error", pageKey, reason) { Status = StatusCodes.Status500InternalServerError };
}
