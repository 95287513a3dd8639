using System.Xml;
using Castellan.Protocol.Jose;

namespace Castellan.Protocol.Saml;

/// <summary>A message as it came in, with what is needed to check who sent it.</summary>
public sealed record ReceivedMessage(SamlMessage Message, SamlBinding Binding, string? RelayState)
{
    private const int MaxShown = 10;

    /// <summary>Whether it came with a signature, a good one or not.</summary>
    public bool IsSigned { get; private init; }

    /// <summary>The certificates that it shows, in base64; of none of them is known whose it is.</summary>
    public IReadOnlyList<string> Shown { get; private init; } = [];

    private Func<IReadOnlyList<JoseKey>, bool> Check { get; init; } = _ => false;

    /// <summary>Whether one of the keys signed it, all of it.</summary>
    public bool IsSignedBy(IReadOnlyList<JoseKey> keys) => keys.Count > 0 && Check(keys);

    /// <summary>Reads a parameter of the POST binding (SAML bindings §3.5); null when there is no message in it.</summary>
    /// <param name="read">Reads the message; what an identity provider gets when absent.</param>
    public static ReceivedMessage? FromForm(string value, string? relayState, Func<XmlElement, SamlMessage?>? read = null) =>
        RedirectBinding.FromBase64(value) is { } xml ? FromXml(xml, SamlBinding.Post, relayState, read) : null;

    /// <summary>Reads a parameter of the Redirect binding (§3.4); null when there is no message in it.</summary>
    /// <param name="rawQuery">The query as it was sent: its signature is over that.</param>
    /// <param name="read">Reads the message; what an identity provider gets when absent.</param>
    public static ReceivedMessage? FromQuery(string rawQuery, string value, string? relayState, Func<XmlElement, SamlMessage?>? read = null) =>
        RedirectBinding.Inflate(value) is { } xml && FromXml(xml, SamlBinding.Redirect, relayState, read) is { } came
            ? came with { IsSigned = rawQuery.TrimStart('?').Split('&').Any(p => p.StartsWith(RedirectBinding.Algorithm + "=", StringComparison.Ordinal)), Check = keys => RedirectBinding.Verify(rawQuery, keys) }
            : null;

    /// <summary>The message in the body of a SOAP envelope (§3.2); null when there is none.</summary>
    public static ReceivedMessage? FromSoap(byte[] envelope) =>
        UntrustedXml.Read(envelope)?.DocumentElement is { } root && SoapEnvelope.Content(root) is { } element ? FromElement(element, SamlBinding.Soap, null) : null;

    /// <summary>A message that was fetched by an artifact (§3.6); null when it is none. By whatever way the artifact came, the message is signed in itself.</summary>
    public static ReceivedMessage? FromArtifact(XmlElement content, SamlBinding cameBy, string? relayState) => FromXml(content.ToBytes(), cameBy, relayState, null);

    /// <summary>
    /// The message that an artifact stood for (SAML core §3.5.2), out of the envelope in which it came; null when there is none. The signature may be that of
    /// the whole answer, of the message, or both: then both hold.
    /// </summary>
    /// <param name="id">The request that is answered.</param>
    public static ReceivedMessage? FromArtifactResponse(byte[] envelope, string id, string? relayState, Func<XmlElement, SamlMessage?> read)
    {
        if (UntrustedXml.Read(envelope)?.DocumentElement is not { } root || SoapEnvelope.Content(root) is not { } answer || !ArtifactResponse.Answers(answer, id)
            || answer.Only("Response", SamlNames.Protocol) is not { } response || FromElement(response, SamlBinding.Artifact, relayState, read) is not { } inner)
        {
            return null;
        }

        return !XmlSignature.Has(answer) ? inner : inner with
        {
            IsSigned = true,
            Shown = [.. ShownCertificates.In(answer).Take(MaxShown)],
            Check = keys => XmlSignature.Take(answer, keys) && (!inner.IsSigned || inner.Check(keys)),
        };
    }

    private static ReceivedMessage? FromXml(byte[] xml, SamlBinding binding, string? relayState, Func<XmlElement, SamlMessage?>? read) =>
        UntrustedXml.Read(xml)?.DocumentElement is { } root ? FromElement(root, binding, relayState, read) : null;

    private static ReceivedMessage? FromElement(XmlElement root, SamlBinding binding, string? relayState, Func<XmlElement, SamlMessage?>? read = null) =>
        (read ?? SamlMessage.Read)(root) is { } message ? new(message, binding, relayState) { IsSigned = XmlSignature.Has(root), Shown = [.. ShownCertificates.In(root).Take(MaxShown)], Check = keys => XmlSignature.Take(root, keys) } : null;
}
