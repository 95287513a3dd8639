using System.Text.Json;

namespace Castellan.Core.Brokering.Saml;

/// <summary>Finds attributes in what a provider said in an assertion.</summary>
public static class SaidReader
{
    /// <summary>The values of the attribute that a mapper names, by its name or its friendly name; null when nothing says it.</summary>
    public static List<string>? Find(IdentityMapping mapping)
    {
        var (name, friendly) = (mapping["attribute.name"], mapping["attribute.friendly.name"]);
        return name is null && friendly is null ? null
            : Values(mapping.Identity, a => (name is not null && a.Name == name) || (friendly is not null && a.FriendlyName == friendly));
    }

    /// <summary>The values of an attribute, by its name or its friendly name.</summary>
    public static List<string>? Find(BrokeredIdentity identity, string? name) =>
        name is not { Length: > 0 } ? null : Values(identity, a => a.Name == name || a.FriendlyName == name);

    /// <summary>Whether every listed attribute has the value listed with it, as a text or as a pattern for the whole of it.</summary>
    public static bool Fit(IdentityMapping mapping)
    {
        List<ClaimValue>? wanted;
        try
        {
            wanted = mapping["attributes"] is { } list ? JsonSerializer.Deserialize(list, BrokeringJson.Default.ListClaimValue) : null;
        }
        catch (JsonException)
        {
            return false;
        }

        var patterns = mapping.Flag("are.attribute.values.regex");
        return wanted is not null && wanted.TrueForAll(w => Find(mapping.Identity, w.Key) is { } values && values.Exists(v => patterns ? ClaimReader.Matches(v, w.Value ?? "") : v == w.Value));
    }

    private static List<string>? Values(BrokeredIdentity identity, Func<SaidAttribute, bool> fits) =>
        identity.Said.Where(fits).SelectMany(a => a.Values).ToList() is { Count: > 0 } values ? values : null;
}
