using System.Text;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>The attributes that an entry is to have; those that are not named stay.</summary>
/// <param name="current">The entry as it is; null for one that is made.</param>
public sealed class EntryDraft(LdapEntry? current = null)
{
    /// <summary>What a mandatory attribute has that nobody gave a value: a directory takes a blank for one.</summary>
    public const string Blank = " ";

    private readonly Dictionary<string, IReadOnlyCollection<byte[]>> _values = new(StringComparer.OrdinalIgnoreCase);

    public LdapEntry? Current => current;

    public IReadOnlyDictionary<string, IReadOnlyCollection<byte[]>> Values => _values;

    public void Set(string attribute, IReadOnlyCollection<byte[]> values) => _values[attribute] = values;

    /// <summary>Sets texts; an empty one, which no directory takes, is a blank.</summary>
    public void Set(string attribute, params IEnumerable<string> values) =>
        Set(attribute, [.. values.Select(v => Encoding.UTF8.GetBytes(string.IsNullOrWhiteSpace(v) ? Blank : v))]);

    public string? First(string attribute) => _values.GetValueOrDefault(attribute)?.FirstOrDefault() is { } first ? Encoding.UTF8.GetString(first) : null;

    public void Remove(string attribute) => _values.Remove(attribute);

    public IEnumerable<LdapAttributeChange> Changes => _values.Select(v => new LdapAttributeChange(LdapModification.Replace, v.Key, v.Value));
}
