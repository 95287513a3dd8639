using System.Xml;
using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Saml;
using Castellan.Protocol.Saml;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Saml;

/// <summary>A message on its way to a service provider through the browser.</summary>
/// <param name="Parameter"><see cref="RedirectBinding.Request"/> or <see cref="RedirectBinding.Response"/>.</param>
/// <param name="Root">The message, signed where it travels by form and is to be signed.</param>
/// <param name="Signer">Who signs the query where it travels by redirect; nobody when null.</param>
internal sealed record SamlDelivery(Realm Realm, Client? Client, string Parameter, XmlElement Root, string Address, SamlBinding Binding, string? RelayState, XmlSigner? Signer)
{
    /// <summary>What answers to forms say about caches at SAML's own endpoint.</summary>
    public const string NoCache = "no-cache";

    /// <summary>What the sign-in has still to say to the person.</summary>
    public IReadOnlyList<LoginMessage> Messages { get; init; } = [];

    /// <summary>A message that is yet to be written and signed.</summary>
    /// <param name="write">Writes it, with what it is given as an extension.</param>
    public static SamlDelivery Of(
        Realm realm, Client client, string parameter, Func<Action<XmlWriter>?, XmlDocument> write, string address, SamlBinding binding, string? relayState, XmlSigner? signer)
    {
        var root = write(binding == SamlBinding.Redirect && signer is not null ? KeyExtension.Of(client, signer) : null).DocumentElement!;
        if (binding != SamlBinding.Redirect)
        {
            signer?.Sign(root);
        }

        return new(realm, client, parameter, root, address, binding, relayState, signer);
    }

    /// <summary>Sends an artifact in place of the message (SAML bindings §3.6).</summary>
    public async Task SendArtifactAsync(LoginHttp login, HttpContext http, string artifact, string? cache)
    {
        List<KeyValuePair<string, string>> fields = [new(SamlArtifact.Parameter, artifact)];
        if (RelayState is not null)
        {
            fields.Add(new(RedirectBinding.RelayState, RelayState));
        }

        http.Response.Headers.Pragma = NoCache;
        if (Binding == SamlBinding.Post)
        {
            await login.PageAsync(http, Realm, new FormPostPage(Address, fields) { Button = null }, Client, cacheControl: ForMessages(cache));
            return;
        }

        LoginHttp.Redirect(http, Realm, AuthorizeAnswers.Url(Address, false, fields), ForMessages(cache));
    }

    /// <summary>What an answer that carries a message says about caches.</summary>
    private static string? ForMessages(string? cache) => cache is null or NoCache ? cache : cache + ", no-cache, no-store";

    public async Task SendAsync(LoginHttp login, HttpContext http, string? cache)
    {
        if (Binding == SamlBinding.Post)
        {
            List<KeyValuePair<string, string>> fields = [new(Parameter, Convert.ToBase64String(Root.ToBytes()))];
            if (RelayState is not null)
            {
                fields.Add(new(RedirectBinding.RelayState, RelayState));
            }

            await login.PageAsync(http, Realm, new SamlPostPage(Address, fields) { Messages = Messages }, Client, cacheControl: cache);
            return;
        }

        LoginHttp.Redirect(http, Realm, AddressWith(Address, RedirectBinding.Query(Parameter, Root.ToBytes(), RelayState, Signer)), ForMessages(cache));
        http.Response.Headers.Pragma = NoCache;
    }

    /// <summary>An address with a query more. A fragment that it has stays behind.</summary>
    private static string AddressWith(string address, string query)
    {
        var hash = address.IndexOf('#', StringComparison.Ordinal);
        var (front, rest) = hash < 0 ? (address, "") : (address[..hash], address[hash..]);
        return $"{front}{(front.Contains('?', StringComparison.Ordinal) ? front.EndsWith('?') || front.EndsWith('&') ? "" : "&" : "?")}{query}{rest}";
    }
}
