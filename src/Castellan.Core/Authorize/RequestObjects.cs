using Castellan.Core.Codes;

namespace Castellan.Core.Authorize;

/// <summary>Requests that come by reference or as a token: pushed ones (RFC 9126) and request objects (RFC 9101).</summary>
public sealed class RequestObjects(IOneUse store)
{
    public const string PushedPrefix = "urn:ietf:params:oauth:request_uri:";

    /// <summary>Lays what the reference or object holds over the request's parameters. A refusal is always a page: nothing of it can be trusted.</summary>
    public async ValueTask<AuthorizeRefusal?> ResolveAsync(AuthorizeRequest request, CancellationToken ct)
    {
        if (request["client_id"] is null || (request["request"] is null && request["request_uri"] is null))
        {
            return null;
        }

        var refusal = AuthorizeRefusal.Page("invalid_request_object", "invalidRequestMessage");
        if (request["request"] is not null && request["request_uri"] is not null)
        {
            return refusal;
        }

        if (request["request_uri"] is { } uri && uri.StartsWith(PushedPrefix, StringComparison.Ordinal))
        {
            if (await store.FindAsync(request.Realm.Id, OneUseKinds.PushedRequest, uri, ct) is not { } pushed || PushedRequests.Read(pushed) is not { } parameters
                || parameters.GetValueOrDefault("client_id") != request["client_id"])
            {
                return refusal;
            }

            // RFC 9126 §4: what stands beside the reference does not count.
            request.Parameters.Clear();
            foreach (var (name, value) in parameters)
            {
                request.Parameters[name] = value;
            }

            request.Pushed = true;
            return null;
        }

        return refusal;
    }
}

/// <summary>The form in which pushed requests are kept.</summary>
public static class PushedRequests
{
    public static string Write(Dictionary<string, string> parameters) =>
        System.Text.Json.JsonSerializer.Serialize(parameters, Login.LoginJson.Default.DictionaryStringString);

    public static Dictionary<string, string>? Read(string stored) =>
        System.Text.Json.JsonSerializer.Deserialize(stored, Login.LoginJson.Default.DictionaryStringString);
}
