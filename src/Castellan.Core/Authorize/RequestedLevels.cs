using System.Globalization;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Login;

namespace Castellan.Core.Authorize;

/// <summary>
/// What level of authentication a request wants: <c>acr_values</c> and a voluntary <c>acr</c> of <c>claims</c> as a wish, an essential <c>acr</c> as a
/// demand (OIDC Core §5.5.1.1); the client's own default for requests without a wish, and its minimum under all of them.
/// </summary>
public static class RequestedLevels
{
    /// <summary>Notes the level with the tab. The name of the parameter when the demand cannot be met by any level that the realm or client knows.</summary>
    public static string? Note(AuthorizeRequest request, AuthenticationTab tab)
    {
        var client = request.Client;
        List<int> levels;
        if (Essential(request["claims"]) is { Count: > 0 } values)
        {
            if (Demanded(client, values) is not { } demanded)
            {
                return "claims";
            }

            tab.ClientNotes[LoginNotes.ForcedLevel] = "true";
            levels = demanded;
        }
        else
        {
            // A name that nobody knows asks for nothing in particular.
            levels = [.. Wished(client, request["claims"], request["acr_values"]).Select(v => Levels.Find(client.Realm, client, v) ?? Levels.Minimum)];
        }

        if (levels.Count > 0)
        {
            // Any of them is enough, so the lowest.
            tab.ClientNotes[LoginNotes.RequestedLevel] = levels.Min().ToString(CultureInfo.InvariantCulture);
        }

        return null;
    }

    /// <summary>The values of an essential <c>acr</c>; none where the request has no such demand.</summary>
    public static List<string> Essential(string? claims) => Claimed(claims) is (true, var values) ? values : [];

    /// <summary>The values that are asked for, or else those of the client; without those that lie below its minimum.</summary>
    public static List<string> Wished(Client client, string? claims, string? acrValues)
    {
        List<string> values = [.. acrValues?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [], .. Claimed(claims).Values];
        if (values.Count == 0)
        {
            values = [.. client.Attribute("default.acr.values")?.Split("##", StringSplitOptions.RemoveEmptyEntries) ?? []];
        }

        if (Minimum(client) is not (var name, var floor))
        {
            return values;
        }

        values = [.. values.Where(v => Known(client, v) >= floor)];
        return values.Count > 0 ? values : [name];
    }

    private static List<int>? Demanded(Client client, List<string> values)
    {
        if (Minimum(client) is (_, var floor) && values.Exists(v => Known(client, v) is not { } level || level < floor))
        {
            return null;
        }

        var levels = values.Select(v => Levels.Find(client.Realm, client, v)).ToList();
        return levels.Exists(l => l is null) ? null : [.. levels.OfType<int>()];
    }

    /// <summary>The level below which the client lets nobody in; null when it sets none, or one that does not exist.</summary>
    private static (string Name, int Level)? Minimum(Client client) =>
        client.Attribute("minimum.acr.value") is { } name && Known(client, name) is { } level ? (name, level) : null;

    /// <summary>A level that has a name, or a condition in the flow.</summary>
    private static int? Known(Client client, string acr) =>
        Levels.Map(client.Realm, client).TryGetValue(acr, out var level) ? level
        : Flows.Of(client.Realm).Browser(client) is { } flow && Levels.Configured(flow).Any(c => c.Level.ToString(CultureInfo.InvariantCulture) == acr) ? int.Parse(acr, CultureInfo.InvariantCulture)
        : null;

    private static (bool Essential, List<string> Values) Claimed(string? json)
    {
        if (json is null)
        {
            return (false, []);
        }

        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("id_token", out var idToken)
                || idToken.ValueKind != JsonValueKind.Object || !idToken.TryGetProperty("acr", out var acr) || acr.ValueKind != JsonValueKind.Object)
            {
                return (false, []);
            }

            List<string> values = [];
            if (acr.TryGetProperty("values", out var many) && many.ValueKind == JsonValueKind.Array)
            {
                values.AddRange(many.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!));
            }
            else if (acr.TryGetProperty("value", out var one) && one.ValueKind == JsonValueKind.String)
            {
                values.Add(one.GetString()!);
            }

            return (acr.TryGetProperty("essential", out var essential) && essential.ValueKind == JsonValueKind.True, values);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // What cannot be read asks for nothing.
            return (false, []);
        }
    }
}
