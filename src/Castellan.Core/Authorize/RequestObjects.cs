using System.Text;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Outbound;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Authorize;

/// <summary>
/// Requests that come by reference or as a token: pushed ones (RFC 9126), and request objects by value or by address (RFC 9101). What is wrong with
/// them is always a page: nothing of it can be trusted, least of all where it says to send people.
/// </summary>
public sealed class RequestObjects(IOneUse store, RequestObjectReader reader, IFetch fetch) : IAuthorizeCheck
{
    public const string PushedPrefix = "urn:ietf:params:oauth:request_uri:";
    private const int MaxParameters = 100;

    /// <summary>Claims about the object itself (RFC 7519 §4.1) and the parameter that carried it: no parameters of the request.</summary>
    private static readonly HashSet<string> s_ofTheObject = new(StringComparer.Ordinal) { "iss", "aud", "exp", "nbf", "iat", "jti", "sub", "client_id", "request" };

    /// <summary>Parameters that a policy may want to be the same in the object and beside it.</summary>
    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal)
    {
        "client_id", "response_type", "response_mode", "redirect_uri", "scope", "state", "nonce", "prompt", "max_age", "ui_locales", "login_hint", "display", "claims", "acr_values",
        "kc_idp_hint", "code_challenge", "code_challenge_method", "dpop_jkt",
    };

    private static readonly AuthorizeRefusal s_invalid = AuthorizeRefusal.Page("invalid_request", AuthorizeRefusal.InvalidRequest);

    /// <summary>Lays what the reference or object holds over the request's parameters.</summary>
    public async ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        var (value, address) = (request["request"], request["request_uri"]);
        if (request.IsResumed || request.Conflict is not null)
        {
            return null;
        }

        if (request.IsBeingPushed)
        {
            return IsAllowed(request.Client, value, null) && (value is null || await ApplyAsync(request, value, alone: true, ct)) ? null : s_invalid;
        }

        var isPushed = address?.StartsWith(PushedPrefix, StringComparison.OrdinalIgnoreCase) ?? false;
        if (!request.Parameters.ContainsKey("response_type") && request.List("scope").Contains("openid") && !isPushed)
        {
            // OIDC Core §6.1: a request must be one of OAuth 2.0 without its object, too. The check of the response type says so.
            return null;
        }

        if ((value is not null && address is not null) || !IsAllowed(request.Client, value, address))
        {
            return s_invalid;
        }

        if (isPushed)
        {
            return await TakeUpAsync(request, address!, ct) ? null : s_invalid;
        }

        // Only from the addresses that the client registered (OIDC Core §6.2).
        if (address is not null && (!RedirectUris.IsRequestUri(request.Client, request.Server, address) || (value = await FetchAsync(fetch, address, ct)) is null))
        {
            return s_invalid;
        }

        return value is null || await ApplyAsync(request, value, alone: false, ct) ? null : s_invalid;
    }

    /// <summary>Whether the client may ask in this form: attribute <c>request.object.required</c>.</summary>
    private static bool IsAllowed(Client client, string? value, string? address) => client.Attribute("request.object.required") switch
    {
        "request or request_uri" => value is not null || address is not null,
        "request only" => value is not null,
        "request_uri only" => address is not null,
        _ => true,
    };

    /// <summary>A pushed request. It may be taken up again until somebody has signed in by it.</summary>
    private async ValueTask<bool> TakeUpAsync(AuthorizeRequest request, string reference, CancellationToken ct)
    {
        if (await store.FindAsync(request.Realm.Id, OneUseKinds.PushedRequest, reference, ct) is not { } pushed || PushedRequests.Read(pushed) is not { } parameters
            || parameters.GetValueOrDefault("client_id") != request.Client.ClientId)
        {
            return false;
        }

        request.HasMoreThanPushed = request.Parameters.Keys.Any(name => name != "request_uri" && !parameters.ContainsKey(name));

        // RFC 9126 §4: what stands beside the reference does not count.
        request.Parameters.Clear();
        foreach (var (name, value) in parameters)
        {
            request.Parameters[name] = value;
        }

        request.Pushed = true;
        request.Reference = reference;
        return true;
    }

    /// <summary>The object at an address; null when it could not be had.</summary>
    internal static async ValueTask<string?> FetchAsync(IFetch fetch, string address, CancellationToken ct) =>
        await fetch.GetAsync(address, "application/oauth-authz-req+jwt, application/jwt, */*;q=0.5", Jws.DefaultMaxLength, ct) is { } body ? Encoding.UTF8.GetString(body).Trim() : null;

    /// <param name="alone">Whether the parameters beside the object do not count at all (RFC 9126 §3).</param>
    private async ValueTask<bool> ApplyAsync(AuthorizeRequest request, string text, bool alone, CancellationToken ct)
    {
        using var claims = await reader.ReadAsync(request.Client, text, ct);
        if (claims is null || claims.Has("request_uri") || (claims.Has("client_id") && claims.Text("client_id") != request.Client.ClientId))
        {
            return false;
        }

        var outside = request.Parameters.GetValueOrDefault("response_type");
        request.Object = new(
            claims.Seconds("exp"), claims.Seconds("nbf"), claims.Seconds("iat"), claims.Texts("aud") ?? [], Jwe.LooksLikeOne(text),
            !alone && request.Parameters.Any(beside => s_known.Contains(beside.Key) && Value(claims.Root, beside.Key) != beside.Value));
        if (alone)
        {
            request.Parameters.Clear();
            request.Parameters["client_id"] = request.Client.ClientId;
        }

        foreach (var member in claims.Root.EnumerateObject())
        {
            if (!s_ofTheObject.Contains(member.Name) && Value(claims.Root, member.Name) is { } said)
            {
                request.Parameters[member.Name] = said;
            }
        }

        if (!alone && outside is not null && request.Parameters.GetValueOrDefault("response_type") != outside)
        {
            request.Conflict = "Parameter response_type does not match";
        }

        request.Parameters.Remove("request");
        request.Parameters.Remove("request_uri");
        return request.Parameters.Count <= MaxParameters;
    }

    /// <summary>A member of an object as a parameter; null when it is absent or says nothing.</summary>
    private static string? Value(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null : value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
}

/// <summary>The form in which pushed requests are kept.</summary>
public static class PushedRequests
{
    public static string Write(Dictionary<string, string> parameters) =>
        JsonSerializer.Serialize(parameters, Login.LoginJson.Default.DictionaryStringString);

    public static Dictionary<string, string>? Read(string stored) =>
        JsonSerializer.Deserialize(stored, Login.LoginJson.Default.DictionaryStringString);
}
