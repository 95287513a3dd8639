namespace Castellan.Core.Brokering.Mappers;

/// <summary>Claims that have a listed value become notes of the session: of one that begins with a new person, and of later ones as the mode says.</summary>
public sealed class SessionNoteMapper : IIdentityMapper
{
    public string Id => "oidc-user-session-note-idp-mapper";

    public void Create(IdentityMapping mapping, PersonDraft person) => Note(mapping);

    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode) => Note(mapping);

    private static void Note(IdentityMapping mapping)
    {
        foreach (var claim in ClaimReader.Listed(mapping["claims"]) ?? [])
        {
            if (claim.Key is { Length: > 0 } name && ClaimReader.FindText(mapping.Identity, name) is { } value
                && (mapping.Flag("are.claim.values.regex") ? ClaimReader.Matches(value, claim.Value ?? "") : value == claim.Value))
            {
                mapping.Identity.SessionNotes[name] = value;
            }
        }
    }
}
