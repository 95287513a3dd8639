using System.Text;
using System.Xml;
using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Artifacts;

/// <summary>Messages that stay here until the provider fetches them, each by an artifact that travelled through the browser, each once.</summary>
public sealed class Artifacts(IOneUse store, TimeProvider time)
{
    private const char Separator = '\n';

    /// <summary>Keeps a message for a client and returns its artifact.</summary>
    public async ValueTask<string> KeepAsync(Realm realm, Client client, string issuer, XmlElement message, CancellationToken ct)
    {
        var artifact = SamlArtifact.New(issuer);
        var expires = time.GetUtcNow().AddSeconds(realm.Settings.AccessCodeLifespan ?? 60).ToUnixTimeMilliseconds();
        await store.PutAsync(realm.Id, OneUseKinds.SamlArtifact, artifact, client.Id + Separator + Encoding.UTF8.GetString(message.ToBytes()), expires, ct);
        return artifact;
    }

    /// <summary>Whether the artifact stands for a message to somebody else.</summary>
    public async ValueTask<bool> IsOfAnotherAsync(Realm realm, Client client, string artifact, CancellationToken ct) =>
        await store.FindAsync(realm.Id, OneUseKinds.SamlArtifact, artifact, ct) is { } kept && !kept.StartsWith(client.Id + Separator, StringComparison.Ordinal);

    /// <summary>Takes the message of the client; null when the artifact stands for none. Of any number of callers at most one gets it.</summary>
    public async ValueTask<XmlElement?> TakeAsync(Realm realm, Client client, string artifact, CancellationToken ct) =>
        await store.TakeAsync(realm.Id, OneUseKinds.SamlArtifact, artifact, ct) is { } kept && kept.Split(Separator, 2) is [var id, var message] && id == client.Id
            ? UntrustedXml.Read(Encoding.UTF8.GetBytes(message))?.DocumentElement : null;
}
