namespace Castellan.Core.Brokering.Saml;

/// <summary>Finds attributes in what a provider said in an assertion.</summary>
public static class SaidReader
{
    /// <summary>The one name by which a mapper looks for an attribute; null when it has none.</summary>
    public static string? NameOf(IdentityMapping mapping) => mapping["attribute.name"] ?? mapping["attribute.friendly.name"];

    /// <summary>The values of the attribute that a mapper names; null when nothing says it.</summary>
    public static List<string>? Find(IdentityMapping mapping) => Find(mapping.Identity, NameOf(mapping));

    /// <summary>Whether an attribute that has each of the names that a mapper says, or any attribute where it says none, has the value.</summary>
    public static bool Has(IdentityMapping mapping, string value)
    {
        var (name, friendly) = (mapping["attribute.name"], mapping["attribute.friendly.name"]);
        return Values(mapping.Identity, a => (name is null || a.Name == name) && (friendly is null || a.FriendlyName == friendly))?.Contains(value) ?? false;
    }

    /// <summary>The values of an attribute, by its name or its friendly name.</summary>
    public static List<string>? Find(BrokeredIdentity identity, string? name) =>
        name is not { Length: > 0 } ? null : Values(identity, a => a.Name == name || a.FriendlyName == name);

    /// <summary>Whether every listed attribute has the value listed with it, as a text or as a pattern for the whole of it.</summary>
    public static bool Fit(IdentityMapping mapping)
    {
        var patterns = mapping.Flag("are.attribute.values.regex");
        return ClaimReader.Listed(mapping["attributes"]) is { } wanted
            && wanted.TrueForAll(w => Find(mapping.Identity, w.Key) is { } values && values.Exists(v => patterns ? ClaimReader.Matches(v, w.Value ?? "") : v == w.Value));
    }

    private static List<string>? Values(BrokeredIdentity identity, Func<SaidAttribute, bool> fits) =>
        identity.Said.Where(fits).SelectMany(a => a.Values).ToList() is { Count: > 0 } values ? values : null;
}
