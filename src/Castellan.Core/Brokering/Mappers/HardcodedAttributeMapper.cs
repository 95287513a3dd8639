namespace Castellan.Core.Brokering.Mappers;

/// <summary>The same attribute for everybody who comes by the provider.</summary>
public sealed class HardcodedAttributeMapper : IIdentityMapper
{
    public string Id => "hardcoded-attribute-idp-mapper";

    public void Prepare(IdentityMapping mapping)
    {
        if (mapping["attribute"] is { } name && mapping["attribute.value"] is { } value)
        {
            IdentityAttributes.Set(mapping.Identity, name, [value]);
        }
    }

    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if (mapping["attribute"] is { } name && mapping["attribute.value"] is { } value)
        {
            person.Set(name, [value]);
        }
    }
}
