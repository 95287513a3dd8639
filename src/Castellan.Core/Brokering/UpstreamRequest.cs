using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Login;

namespace Castellan.Core.Brokering;

/// <summary>The authorization request that sends a browser to a provider (RFC 6749 §4.1.1, OIDC Core §3.1.2.1), and what is remembered of it.</summary>
public static class UpstreamRequest
{
    /// <summary>Tab: the request under way, as JSON of a <see cref="SentRequest"/>.</summary>
    public const string SentNote = "broker-request";

    /// <summary>The address to go to; the tab remembers the rest. Null when the provider has no address that a browser could go to.</summary>
    /// <param name="locale">The language of the page that the person left.</param>
    /// <param name="action">Whether a person who is signed in links the account.</param>
    public static string? Begin(LoginContext context, IdentityProvider provider, string redirectUri, string locale, bool action = false)
    {
        if (!provider.CanSignIn || provider.ClientId is not { } clientId || !Uri.TryCreate(provider.AuthorizationUrl, UriKind.Absolute, out var address)
            || address.Scheme is not ("http" or "https"))
        {
            return null;
        }

        var tab = context.Tab;
        var code = Secret.Base64Url(32);
        var sent = new SentRequest(
            provider.Alias, Secret.Hash(code), provider.UsesNonce ? Secret.Base64Url(16) : null, provider.Flag("pkceEnabled") ? Secret.Base64Url(48) : null, action,
            provider.Flag("passMaxAge") && int.TryParse(tab.ClientNote("max_age"), NumberStyles.None, CultureInfo.InvariantCulture, out var age) ? age : null);
        Remember(tab, sent);

        var query = new List<(string Name, string? Value)>
        {
            ("scope", provider.Scope), ("state", StateOf(provider, BrokerState.For(context.Client, tab, code))), ("response_type", "code"), ("client_id", clientId), ("redirect_uri", redirectUri),
        };
        Add(query, "login_hint", provider.Flag("loginHint") ? tab.ClientNote(LoginNotes.LoginHint) : null);
        Add(query, "ui_locales", provider.Flag("uiLocales") ? locale : null);
        Add(query, "prompt", provider.Setting("prompt") ?? PromptOf(tab));
        foreach (var name in (provider.Setting("forwardParameters") ?? "acr_values").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // What the request itself consists of is nobody's to change.
            if (!query.Exists(q => q.Name == name))
            {
                Add(query, name, LoginNotes.OfTheServer.Contains(name) ? null : tab.ClientNote(name));
            }
        }

        if (sent.Verifier is { } verifier)
        {
            var plain = provider.Setting("pkceMethod") == "plain";
            Add(query, "code_challenge", plain ? verifier : Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
            Add(query, "code_challenge_method", plain ? "plain" : "S256");
        }

        Add(query, "nonce", sent.Nonce);
        Add(query, "max_age", provider.Flag("passMaxAge") ? tab.ClientNote("max_age") : null);
        if (provider.Kind == "google")
        {
            Add(query, "hd", provider.Setting("hostedDomain"));
            Add(query, "access_type", provider.Flag("offlineAccess") ? "offline" : null);
        }

        var url = address.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
        return $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{string.Join('&', query.Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value ?? "")}"))}";
    }

    /// <summary>The tab waits for the answer to this request from now on.</summary>
    public static void Remember(AuthenticationTab tab, SentRequest sent) => tab.SetNote(SentNote, JsonSerializer.Serialize(sent, BrokeringJson.Default.SentRequest));

    /// <summary>What the tab sent last; null when it waits for no provider. It stays until the tab is written without it.</summary>
    public static SentRequest? Take(AuthenticationTab tab) =>
        tab.Notes.Remove(SentNote, out var json) ? JsonSerializer.Deserialize(json, BrokeringJson.Default.SentRequest) : null;

    /// <summary>The client's wish goes on, but for one that only this server can fulfil.</summary>
    private static string? PromptOf(AuthenticationTab tab) => tab.ClientNote("prompt") is { Length: > 0 } prompt && prompt is not ("create" or "consent" or "select_account create") ? prompt : null;

    /// <summary>Some services take a short state only.</summary>
    private static string StateOf(IdentityProvider provider, BrokerState state) => provider.Flag("requiresShortStateParameter") ? state.ToShortString() : state.ToString();

    private static void Add(List<(string, string?)> query, string name, string? value)
    {
        if (value is { Length: > 0 })
        {
            query.Add((name, value));
        }
    }
}
