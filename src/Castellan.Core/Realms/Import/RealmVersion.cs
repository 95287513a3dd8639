using System.Globalization;
using System.Text.RegularExpressions;

namespace Castellan.Core.Realms.Import;

/// <summary>
/// The release that a realm file says it comes from, <c>26.1.2</c>. Red Hat's product counted otherwise up to its 7.4, and a release of earlier days
/// carries a qualifier: all but <c>Final</c> come before the release itself.
/// </summary>
internal readonly partial record struct RealmVersion(int Major, int Minor, int Micro, bool IsBefore) : IComparable<RealmVersion>
{
    private static readonly RealmVersion[] s_products = [Of(1, 9, 8), Of(2, 5, 5), Of(3, 4, 3), Of(4, 8, 3), Of(9, 0, 3)];

    /// <summary>Reads a version; a text that is none counts as the oldest.</summary>
    public static RealmVersion Parse(string text)
    {
        if (Product().Match(text) is { Success: true } product)
        {
            return s_products[int.Parse(product.Groups[1].ValueSpan, CultureInfo.InvariantCulture)];
        }

        var parts = text.Split('.', 4);
        var qualifier = parts.Length == 4 ? parts[3] : parts[^1].Split('-', 2) is [_, var rest] ? rest : "";
        return new(Number(0), Number(1), Number(2), qualifier is not ("" or "Final"));

        int Number(int at) =>
            at < parts.Length && int.TryParse(parts[at].Split('-', 2)[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    public static RealmVersion Of(int major, int minor = 0, int micro = 0) => new(major, minor, micro, IsBefore: false);

    public int CompareTo(RealmVersion other) =>
        (Major, Minor, Micro, !IsBefore).CompareTo((other.Major, other.Minor, other.Micro, !other.IsBefore));

    [GeneratedRegex(@"^7\.([0-4])\.\d+\.GA$")]
    private static partial Regex Product();
}
