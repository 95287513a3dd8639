using System.Globalization;
using System.Text.Json;
using Castellan.Core.Login;

namespace Castellan.Core.Authorize;

/// <summary>What level of authentication a request wants: <c>acr_values</c> as a wish, an essential <c>acr</c> of <c>claims</c> as a demand (OIDC Core §5.5.1.1).</summary>
public static class RequestedLevels
{
    /// <summary>Notes the level with the tab. The name of the parameter when an essential level is none that the realm or client knows.</summary>
    public static string? Note(AuthorizeRequest request, AuthenticationTab tab)
    {
        var (realm, client) = (request.Realm, request.Client);
        int? Known(IEnumerable<string> names)
        {
            var levels = names.Select(n => Levels.Find(realm, client, n)).OfType<int>().ToList();
            return levels.Count == 0 ? null : levels.Min();
        }

        var (essential, values) = Claims(request["claims"]);
        int? level = null;
        if (values.Count > 0)
        {
            level = Known(values);
            if (essential && level is null)
            {
                return "claims";
            }

            if (essential)
            {
                tab.ClientNotes[LoginNotes.ForcedLevel] = "true";
            }
        }

        level ??= Known(request.List("acr_values"));
        level ??= Known(client.Attribute("default.acr.values")?.Split("##") ?? []);
        if (client.Attribute("minimum.acr.value") is { } minimum && Levels.Find(realm, client, minimum) is { } floor && (level ?? -1) < floor)
        {
            level = floor;
        }

        if (level is { } wanted)
        {
            tab.ClientNotes[LoginNotes.RequestedLevel] = wanted.ToString(CultureInfo.InvariantCulture);
        }

        return null;
    }

    private static (bool Essential, List<string> Values) Claims(string? json)
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

            var values = new List<string>();
            if (acr.TryGetProperty("value", out var one) && one.ValueKind == JsonValueKind.String)
            {
                values.Add(one.GetString()!);
            }

            if (acr.TryGetProperty("values", out var many) && many.ValueKind == JsonValueKind.Array)
            {
                values.AddRange(many.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String).Select(v => v.GetString()!));
            }

            return (acr.TryGetProperty("essential", out var essential) && essential.ValueKind == JsonValueKind.True, values);
        }
        catch (JsonException)
        {
            // What cannot be read asks for nothing.
            return (false, []);
        }
    }
}
