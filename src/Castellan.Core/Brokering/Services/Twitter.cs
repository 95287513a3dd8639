using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Login;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Vaults;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Brokering.Services;

/// <summary>X, once Twitter, speaks OAuth 1.0 (RFC 5849): it is asked for a token before the browser goes there, and again when the browser is back.</summary>
public sealed class Twitter(IFetch fetch, IVault vault, TimeProvider time)
{
    public const string Id = "twitter";
    private const string Host = "https://api.twitter.com";

    public static SocialService Service => new(Id, "Twitter", "", "", "", "")
    {
        Fields = new("id_str", "screen_name") { FullName = "name" }, CodeParameter = "oauth_verifier", DeniedParameter = "denied",
    };

    /// <summary>The address to send the browser to; the tab remembers the token that it was asked with. Null when the service gives none.</summary>
    public async ValueTask<string?> BeginAsync(LoginContext context, IdentityProvider provider, string redirectUri, bool action)
    {
        if (provider.ClientId is null)
        {
            return null;
        }

        var code = Secret.Base64Url(32);
        var callback = $"{redirectUri}?state={Uri.EscapeDataString(BrokerState.For(context.Client, context.Tab, code).ToString())}";
        if (await AskAsync(context.Realm, provider, "/oauth/request_token", null, null, [new("oauth_callback", callback)], context.Ct) is not { } given
            || given["oauth_callback_confirmed"] != "true" || given.Value("oauth_token") is not { } token || given.Value("oauth_token_secret") is not { } secret)
        {
            return null;
        }

        // The token stands where a nonce would, its secret where a verifier would: what the answer is to, and what shows that the exchange is ours.
        UpstreamRequest.Remember(context.Tab, new SentRequest(provider.Alias, Secret.Hash(code), token, secret, action));
        return $"{Host}/oauth/authenticate?oauth_token={Uri.EscapeDataString(token)}";
    }

    /// <summary>What the service says of the person, and the tokens that it gave.</summary>
    public async ValueTask<Result<(JsonElement Person, UpstreamTokenResponse Tokens)>> IdentifyAsync(Realm realm, IdentityProvider provider, SentRequest sent, string verifier, CancellationToken ct)
    {
        if (await AskAsync(realm, provider, "/oauth/access_token", sent.Nonce, sent.Verifier, [new("oauth_verifier", verifier)], ct) is not { } given
            || given.Value("oauth_token") is not { } token || given.Value("oauth_token_secret") is not { } secret)
        {
            return UpstreamRefusals.Upstream("The service gave no access token.");
        }

        const string Account = $"{Host}/1.1/account/verify_credentials.json?include_email=true";
        var signer = await SignerAsync(realm, provider, token, secret, ct);
        if (await fetch.SendAsync(new FetchRequest(Account, Authorization: Header(signer, "GET", Account, [])), ct) is not { IsOk: true } answer || UpstreamTokens.Parse(answer.Body) is not { } person)
        {
            return UpstreamRefusals.Upstream("The service did not say who it is.");
        }

        using var tokens = JsonDocument.Parse(new JsonObject { ["oauth_token"] = token, ["oauth_token_secret"] = secret, ["screen_name"] = given.Value("screen_name"), ["user_id"] = given.Value("user_id") }.ToJsonString());
        return (person, new UpstreamTokenResponse(tokens.RootElement.Clone()));
    }

    private async ValueTask<Form?> AskAsync(
        Realm realm, IdentityProvider provider, string path, string? token, string? secret, KeyValuePair<string, string>[] parameters, CancellationToken ct)
    {
        var signer = await SignerAsync(realm, provider, token, secret, ct);
        var answer = await fetch.SendAsync(new FetchRequest(Host + path, Form: [], Authorization: Header(signer, "POST", Host + path, parameters), Accept: "*/*"), ct);
        return answer is { IsOk: true } ? Form.Parse(answer.Body) : null;
    }

    private async ValueTask<OAuth1> SignerAsync(Realm realm, IdentityProvider provider, string? token, string? secret, CancellationToken ct) =>
        new(provider.ClientId!, provider.Setting("clientSecret") is { } setting ? await vault.ResolveAsync(realm.Name, setting, ct) : "", token, secret);

    private string Header(OAuth1 signer, string method, string address, KeyValuePair<string, string>[] parameters) =>
        signer.Authorize(method, address, parameters, Secret.Base64Url(24), time.GetUtcNow().ToUnixTimeSeconds());
}
