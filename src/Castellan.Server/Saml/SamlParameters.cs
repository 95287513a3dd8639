using System.Xml;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>What a browser brings of a message, by redirect or by form (SAML bindings §3.4, §3.5).</summary>
/// <param name="Query">The query as it was sent, which is what is signed there; null where it came by form.</param>
internal sealed record SamlParameters(string? Request, string? Response, string? Artifact, string? RelayState, string? Query)
{
    /// <summary>More than this nobody gets back what they gave along (SAML bindings §3.4.3 has 80).</summary>
    public const int MaxRelayState = 2048;

    public static async ValueTask<SamlParameters> ReadAsync(HttpContext http)
    {
        var isForm = HttpMethods.IsPost(http.Request.Method);
        var form = isForm ? await LoginForms.ReadAsync(http) : null;
        return new(
            Parameter(RedirectBinding.Request), Parameter(RedirectBinding.Response), Parameter(SamlArtifact.Parameter), Parameter(RedirectBinding.RelayState),
            isForm ? null : http.Request.QueryString.Value ?? "");

        string? Parameter(string name) => (isForm ? form?[name] : http.Request.Query[name]) is [{ Length: > 0 } value, ..] ? value : null;
    }

    /// <summary>The message in one of the parameters; null when there is none.</summary>
    /// <param name="read">Reads the message; what an identity provider gets when absent.</param>
    public ReceivedMessage? Message(string? parameter, Func<XmlElement, SamlMessage?>? read = null) =>
        parameter is null ? null : Query is null ? ReceivedMessage.FromForm(parameter, RelayState, read) : ReceivedMessage.FromQuery(Query, parameter, RelayState, read);
}
