using System.Globalization;
using System.Xml;

namespace Castellan.Protocol.Saml;

/// <summary>What every message of the protocol says of itself (SAML core §3.2.1, §3.2.2).</summary>
public abstract record SamlMessage
{
    /// <summary>Longer than this no provider names itself or a message.</summary>
    private const int MaxName = 1024;

    public required string Id { get; init; }

    public required DateTimeOffset Issued { get; init; }

    /// <summary>Who says that they sent it; null when it names nobody.</summary>
    public string? Issuer { get; init; }

    /// <summary>Where it was sent to, word by word; null when it does not say.</summary>
    public string? Destination { get; init; }

    /// <summary>Reads one of the messages that an identity provider gets; null when it is none, or misses what it must have.</summary>
    public static SamlMessage? Read(XmlElement root) => root.NamespaceURI != SamlNames.Protocol ? null : root.LocalName switch
    {
        "AuthnRequest" => AuthnRequest.Read(root),
        "LogoutRequest" => LogoutRequest.Read(root),
        "LogoutResponse" => LogoutResponse.Read(root),
        "ArtifactResolve" => ArtifactResolve.Read(root),
        _ => null,
    };

    /// <summary>Id and moment of a message; false when it may not be read any further.</summary>
    private protected static bool Head(XmlElement root, string name, out string id, out DateTimeOffset issued)
    {
        (id, issued) = (root.Attribute("ID") ?? "", default);
        if (Instant(root.Attribute("IssueInstant")) is not { } moment)
        {
            return false;
        }

        issued = moment;
        return root.Is(name, SamlNames.Protocol) && id.Length is > 0 and <= MaxName && root.Attribute("Version") == "2.0"
            && root.Elements("Issuer", SamlNames.Assertion).Take(2).Count() < 2 && (IssuerOf(root)?.Length ?? 0) <= MaxName;
    }

    private protected static string? IssuerOf(XmlElement root) => root.Element("Issuer", SamlNames.Assertion).Text();

    /// <summary>Whether an attribute says yes; false in <paramref name="fits"/> where it says neither.</summary>
    private protected static bool Switch(XmlElement root, string name, ref bool fits)
    {
        var text = root.Attribute(name)?.Trim();
        fits &= text is null or "true" or "false" or "1" or "0";
        return text is "true" or "1";
    }

    /// <summary>A moment (SAML core §1.3.3); null for what is none.</summary>
    public static DateTimeOffset? Instant(string? text)
    {
        if (text is not { Length: > 0 and <= 64 })
        {
            return null;
        }

        // Some write nanoseconds, one digit or two more than a clock here has.
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            var end = dot + 1;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            text = string.Concat(text.AsSpan(0, Math.Min(end, dot + 8)), text.AsSpan(end));
        }

        return DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;
    }

    /// <summary>A moment as messages have it.</summary>
    public static string Text(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
