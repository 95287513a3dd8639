using System.Text;

namespace Castellan.Protocol.Ldap;

/// <summary>An entry of a directory, as far as it was asked for. Names of attributes are compared without case.</summary>
public sealed class LdapEntry(string dn, IReadOnlyDictionary<string, IReadOnlyList<byte[]>> attributes)
{
    public string Dn => dn;

    public IReadOnlyDictionary<string, IReadOnlyList<byte[]>> Attributes => attributes;

    /// <summary>The values of an attribute; none when it is absent.</summary>
    public IReadOnlyList<byte[]> Values(string name) => attributes.GetValueOrDefault(name) ?? [];

    /// <summary>The values as text.</summary>
    public List<string> Texts(string name) => [.. Values(name).Select(Encoding.UTF8.GetString)];

    /// <summary>The first value as text, or null.</summary>
    public string? Text(string name) => Values(name) is [var first, ..] ? Encoding.UTF8.GetString(first) : null;
}
