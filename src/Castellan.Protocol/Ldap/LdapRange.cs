using System.Globalization;

namespace Castellan.Protocol.Ldap;

/// <summary>Some values of an attribute that has many ([MS-ADTS] §3.1.1.3.1.3.3).</summary>
/// <param name="Next">Where those that are missing begin; null when these are the last.</param>
public sealed record LdapRange(string Attribute, int? Next, IReadOnlyList<byte[]> Values)
{
    private const string Option = ";range=";

    /// <summary>What the name of an attribute says of its values; null when it says nothing.</summary>
    public static LdapRange? Of(string name, IReadOnlyList<byte[]> values) =>
        name.IndexOf(Option, StringComparison.OrdinalIgnoreCase) is > 0 and var option && name[(option + Option.Length)..].Split('-') is [_, var end]
            ? end == "*" ? new(name[..option], null, values)
            : int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last < int.MaxValue ? new(name[..option], last + 1, values)
            : null
            : null;

    /// <summary>The name under which the values from one on are asked for.</summary>
    public static string From(string attribute, int next) => attribute + Option + next.ToString(CultureInfo.InvariantCulture) + "-*";
}
