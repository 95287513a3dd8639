using System.Text.Json;

namespace Castellan.Core.Brokering.Mappers;

/// <summary>Claims that have a listed value become notes of the session.</summary>
public sealed class SessionNoteMapper : IIdentityMapper
{
    public string Id => "oidc-user-session-note-idp-mapper";

    public void Prepare(IdentityMapping mapping)
    {
        foreach (var claim in Listed(mapping["claims"]))
        {
            if (ClaimReader.Find(mapping.Identity, claim.Key) is { } values
                && values.Find(v => mapping.Flag("are.claim.values.regex") ? ClaimReader.Matches(v, claim.Value ?? "") : v == claim.Value) is { } value)
            {
                mapping.Identity.SessionNotes[claim.Key!] = value;
            }
        }
    }

    private static List<ClaimValue> Listed(string? json)
    {
        try
        {
            return json is null ? [] : JsonSerializer.Deserialize(json, BrokeringJson.Default.ListClaimValue) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
