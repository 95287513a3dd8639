using System.Text;

namespace Castellan.Protocol.Ldap;

/// <summary>An entry of a directory, as far as it was asked for. Names of attributes are compared without case.</summary>
public sealed class LdapEntry(string dn, IReadOnlyDictionary<string, IReadOnlyList<byte[]>> attributes)
{
    public string Dn => dn;

    public IReadOnlyDictionary<string, IReadOnlyList<byte[]>> Attributes => attributes;

    /// <summary>
    /// Attributes of which this is not the whole: Active Directory gives a part of many values, under a name that says which (<c>member;range=0-1499</c>),
    /// and the last part ends with a star.
    /// </summary>
    public IEnumerable<LdapRange> Ranges => attributes.Select(a => LdapRange.Of(a.Key, a.Value)).OfType<LdapRange>();

    /// <summary>The entry with other values for an attribute.</summary>
    public LdapEntry With(string name, IReadOnlyList<byte[]> values) =>
        new(dn, new Dictionary<string, IReadOnlyList<byte[]>>(attributes, StringComparer.OrdinalIgnoreCase) { [name] = values });

    /// <summary>The values of an attribute; none when it is absent.</summary>
    public IReadOnlyList<byte[]> Values(string name) => attributes.GetValueOrDefault(name) ?? [];

    /// <summary>The values as text.</summary>
    public List<string> Texts(string name) => [.. Values(name).Select(Encoding.UTF8.GetString)];

    /// <summary>The first value as text, or null.</summary>
    public string? Text(string name) => Values(name) is [var first, ..] ? Encoding.UTF8.GetString(first) : null;
}
