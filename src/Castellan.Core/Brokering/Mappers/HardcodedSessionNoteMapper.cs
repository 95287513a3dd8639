namespace Castellan.Core.Brokering.Mappers;

/// <summary>The same session note for everybody who comes by the provider.</summary>
public sealed class HardcodedSessionNoteMapper : IIdentityMapper
{
    public string Id => "hardcoded-user-session-attribute-idp-mapper";

    public void Prepare(IdentityMapping mapping)
    {
        if (mapping["attribute"] is { } name && mapping["attribute.value"] is { } value)
        {
            mapping.Identity.SessionNotes[name] = value;
        }
    }
}
