using Castellan.Core.Login.Protocols;
using Castellan.Core.Realms;
using Castellan.Core.Saml;
using Castellan.Core.Saml.Artifacts;
using Castellan.Core.Saml.Responses;
using Castellan.Protocol.Saml;
using Castellan.Server.Http;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>Where providers fetch the messages whose artifacts they were sent (SAML profiles §5).</summary>
internal sealed class ArtifactResolution(LoginHttp login, Artifacts artifacts, ProviderKeys keys, TimeProvider time)
{
    public async Task HandleAsync(HttpContext http, Realm realm)
    {
        if (!SamlSoap.Is(http))
        {
            await JsonAnswers.ErrorAsync(http, StatusCodes.Status415UnsupportedMediaType, "The content-type header value did not match the value in @Consumes", realm);
            return;
        }

        if (await SamlSoap.ReadAsync(http, realm, login) is not { Message: ArtifactResolve asked } received)
        {
            await SamlSoap.FaultAsync(http, realm);
            return;
        }

        var client = asked.Issuer is { Length: <= 255 } issuer ? await login.Services.Clients.FindAsync(realm, issuer, http.RequestAborted) : null;
        if (client is not { Enabled: true, Protocol: SignInProtocols.Saml } || asked.Artifact is not { } text || !RealmSigner.TryFind(realm, client, out var signer))
        {
            await AnswerAsync(http, realm, Answer(http, realm, asked) with { Status = SamlStatus.RequestDenied }, null);
            return;
        }

        if (!await keys.AcceptAsync(client, received, http.RequestAborted))
        {
            // SAML core §3.5.3: whoever may not have the message hears no more than whoever asks for one that there is not. It stays for its provider.
            await AnswerAsync(http, realm, Answer(http, realm, asked), signer);
            return;
        }

        var artifact = SamlArtifact.Read(text);
        if (artifact is not null && await artifacts.IsOfAnotherAsync(realm, client, artifact, http.RequestAborted))
        {
            await AnswerAsync(http, realm, Answer(http, realm, asked) with { Status = SamlStatus.RequestDenied }, null);
            return;
        }

        var message = artifact is null ? null : await artifacts.TakeAsync(realm, client, artifact, http.RequestAborted);
        await AnswerAsync(http, realm, Answer(http, realm, asked) with { Content = message }, message is null ? null : signer);
    }

    private ArtifactResponse Answer(HttpContext http, Realm realm, ArtifactResolve asked) => new()
    {
        Id = SamlResponses.NewId(), Issued = time.GetUtcNow(), Issuer = login.Urls.Issuer(http, realm), InResponseTo = asked.Id, Status = SamlStatus.Success,
    };

    private static Task AnswerAsync(HttpContext http, Realm realm, ArtifactResponse answer, XmlSigner? signer)
    {
        var root = answer.Write().DocumentElement!;
        signer?.Sign(root);
        return SamlSoap.WriteAsync(http, realm, SoapEnvelope.Around(root));
    }
}
