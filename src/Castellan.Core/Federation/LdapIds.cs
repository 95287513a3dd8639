using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>The ids that directories give their entries, as text and as they are searched for.</summary>
public static class LdapIds
{
    /// <summary>Active Directory's, sixteen octets.</summary>
    public const string ObjectGuid = "objectGUID";

    /// <summary>eDirectory's, sixteen octets.</summary>
    private const string Guid = "guid";

    /// <summary>The id of an entry, or null where it has none.</summary>
    public static string? Of(LdapEntry entry, string attribute) => entry.Values(attribute) is not [var value, ..] ? null
        : IsBinary(attribute, value) ? string.Equals(attribute, ObjectGuid, StringComparison.OrdinalIgnoreCase) ? new Guid(value).ToString() : Hex(value)
        : entry.Text(attribute);

    /// <summary>Sixteen octets of any attribute as the id that they may be; null for what is none.</summary>
    public static string? Text(byte[] value) => value.Length == 16 ? new System.Guid(value).ToString() : null;

    public static LdapFilter Filter(string attribute, string id) =>
        string.Equals(attribute, ObjectGuid, StringComparison.OrdinalIgnoreCase) && System.Guid.TryParse(id, out var guid) ? LdapFilter.Is(attribute, guid.ToByteArray())
        : string.Equals(attribute, Guid, StringComparison.OrdinalIgnoreCase) && Octets(id) is { } octets ? LdapFilter.Is(attribute, octets)
        : LdapFilter.Is(attribute, id);

    /// <summary>Whether directories keep the ids of this attribute as octets.</summary>
    public static bool AreOctets(string attribute) =>
        string.Equals(attribute, ObjectGuid, StringComparison.OrdinalIgnoreCase) || string.Equals(attribute, Guid, StringComparison.OrdinalIgnoreCase);

    private static bool IsBinary(string attribute, byte[] value) => value.Length == 16 && AreOctets(attribute);

    private static string Hex(byte[] value) => string.Concat(value.Select((b, i) => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture) + (i is 3 or 5 or 7 or 9 ? "-" : "")));

    private static byte[]? Octets(string id)
    {
        var hex = id.Replace("-", "", StringComparison.Ordinal);
        return hex.Length == 32 && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : null;
    }
}
