using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

/// <summary>Refusals of realm files, in Keycloak's words where it has some.</summary>
public static partial class Refusals
{
    public const string Duplicate = "Duplicate resource error";
    public const string Database = "Database operation failed";
    public const string Unreadable = "unable to read contents from stream";

    public const string NoSender = "Invalid sender address 'null'. If the address contains UTF-8 characters in the local part please ensure the SMTP server supports the SMTPUTF8 extension and enable 'Allow UTF-8' in the email realm configuration.";

    /// <summary>The code of refusals whose place belongs to the answer.</summary>
    public const string Fault = "invalid_realm_file";

    // Settings that have no field of their own and are numbers all the same.
    private static readonly string[] s_numbers = ["cibaExpiresIn", "cibaInterval", "parRequestUriLifespan"];

    private const string Reserved = "/;#?&\\:=+,[]@!*()$";
    private static readonly SearchValues<char> s_notAllowed = SearchValues.Create(Reserved);
    private static readonly SearchValues<char> s_notInLocales = SearchValues.Create(Reserved + "{}%");

    /// <summary>The file is no realm representation; <paramref name="detail"/> says why, for the log and for commands.</summary>
    public static ProtocolError NotRead(string detail) => new("invalid_realm", Unreadable, 400, detail);

    /// <summary>The same, from what the reader of JSON says: where in the file, and why, without a word of how it is read.</summary>
    /// <param name="index">Which of a list of realms it is.</param>
    public static ProtocolError NotRead(Exception error, int? index = null)
    {
        var which = index is { } number ? $"[{number.ToString(CultureInfo.InvariantCulture)}]" : "";
        var reason = error.Message.Split(" Path: ")[0].Split(" LineNumber: ")[0];
        if (error is not JsonException json)
        {
            return NotRead(which.Length == 0 ? reason : $"{which}: {reason}");
        }

        reason = UnknownMember().IsMatch(reason) ? "there is no such field"
            : reason.StartsWith("The JSON value could not be converted", StringComparison.Ordinal) ? "the value is not of the kind that belongs here"
            : reason;
        var place = json.Path?.TrimStart('$').TrimStart('.') is { Length: > 0 } path ? (which.Length == 0 ? path : $"{which}.{path}")
            : which.Length > 0 ? which
            : json.LineNumber is { } line ? $"line {(line + 1).ToString(CultureInfo.InvariantCulture)}"
            : null;
        return NotRead(place is null ? reason : $"{place}: {reason}");
    }

    [GeneratedRegex("^The JSON property '.*' could not be mapped")]
    private static partial Regex UnknownMember();

    public static ProtocolError Exists(string realm) => new("invalid_realm", $"Realm {realm} already exists", 409, "realm");

    /// <summary>What a realm's settings may not be. Refusals of characters stand alone as <c>error</c>: they have no description.</summary>
    public static ProtocolError? OfSettings(RealmRepresentation realm)
    {
        foreach (var locale in realm.SupportedLocales ?? [])
        {
            if (locale.AsSpan().IndexOfAny(s_notInLocales) is >= 0 and var at)
            {
                return new($"Character '{locale[at]}' not allowed.", null, 400, "supportedLocales");
            }
        }

        if (realm.BrowserSecurityHeaders?.FirstOrDefault(h => h.Key.Contains('\n', StringComparison.Ordinal) || h.Value?.Contains('\n', StringComparison.Ordinal) is true).Key is { } header)
        {
            return new("Newline not allowed.", null, 400, "browserSecurityHeaders." + header.Trim());
        }

        foreach (var (value, field, name) in ((long?, string, string)[])
        [
            (realm.MaxTemporaryLockouts, "maxTemporaryLockouts", "Maximum temporary lockouts"),
            (realm.MaxFailureWaitSeconds, "maxFailureWaitSeconds", "Maximum failure wait seconds"),
            (realm.MinimumQuickLoginWaitSeconds, "minimumQuickLoginWaitSeconds", "Minimum quick login wait seconds"),
            (realm.WaitIncrementSeconds, "waitIncrementSeconds", "Wait increment seconds"),
            (realm.QuickLoginCheckMilliSeconds, "quickLoginCheckMilliSeconds", "Quick login check milliseconds"),
            (realm.MaxDeltaTimeSeconds, "maxDeltaTimeSeconds", "Maximum delta time seconds"),
            (realm.FailureFactor, "failureFactor", "Failure factor"),
        ])
        {
            if (value < 0)
            {
                return new("invalid_realm", name + " may not be a negative value", 400, field);
            }
        }

        foreach (var name in s_numbers)
        {
            if (realm.Attributes?.GetValueOrDefault(name) is { } text && !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            {
                return new("invalid_realm", $"The attribute {name} must be a whole number", 400, "attributes." + name);
            }
        }

        return null;
    }

    /// <summary>The first character of a name that is not allowed in one, since it means something in an address.</summary>
    public static ProtocolError? OfCharacters(string? text, string place) =>
        text.AsSpan().IndexOfAny(s_notAllowed) is >= 0 and var at ? new($"Character '{text![at]}' not allowed.", null, 400, place) : null;

    /// <summary>Whether a realm may be called so. The refusal of a character stands alone as <c>error</c>: it has no description.</summary>
    public static ProtocolError? OfName(string? realm, string? id)
    {
        return OfCharacters(id, "id")
            ?? (string.IsNullOrWhiteSpace(realm) ? new("invalid_realm", "Realm name cannot be empty", 400, "realm") : OfCharacters(realm, "realm"));
    }
}
