namespace Castellan.Core.Users.Profile.Validators;

/// <summary><c>email</c>.</summary>
public sealed class EmailValidator() : AttributeValidator("email")
{
    private const string MaxLocal = "max-local-length";

    public override IEnumerable<ValidatorFault> Faults(ValidatorSettings settings) =>
        settings.Has(MaxLocal) && settings.Whole(MaxLocal) is not > 0 ? [new ValidatorFault(MaxLocal, ValidatorFault.InvalidNumber, settings.Text(MaxLocal)!)] : [];

    protected override Finding? Check(string value, ValidatorSettings settings, string? locale) =>
        EmailAddress.IsValid(value, (int)(settings.Whole(MaxLocal) ?? 64)) ? null : new Finding("error-invalid-email", value);
}

/// <summary>Whether a text is an e-mail address (RFC 5321 §4.1.2, without quoted local parts and comments that nobody uses).</summary>
public static class EmailAddress
{
    private const string LocalCharacters = "!#$%&'*+/=?^_`{|}~-";

    public static bool IsValid(string address, int maxLocal = 64)
    {
        var at = address.LastIndexOf('@');
        if (at <= 0 || at == address.Length - 1)
        {
            return false;
        }

        var local = address.AsSpan(0, at);
        var domain = address.AsSpan(at + 1);
        return local.Length <= maxLocal && domain.Length <= 255 && IsLocal(local) && IsDomain(domain);
    }

    private static bool IsLocal(ReadOnlySpan<char> local)
    {
        if (local[0] == '"')
        {
            return local.Length > 2 && local[^1] == '"' && !local[1..^1].ContainsAny('"', '\\') && local.IndexOfAnyInRange('\0', '\u001F') < 0;
        }

        foreach (var label in local.Split('.'))
        {
            var part = local[label];
            if (part.IsEmpty)
            {
                return false;
            }

            foreach (var c in part)
            {
                if (!char.IsAsciiLetterOrDigit(c) && c < 0x80 && !LocalCharacters.Contains(c, StringComparison.Ordinal))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsDomain(ReadOnlySpan<char> domain)
    {
        if (domain[0] == '[')
        {
            return domain[^1] == ']' && System.Net.IPAddress.TryParse(domain[1..^1].StartsWith("IPv6:") ? domain[6..^1] : domain[1..^1], out _);
        }

        foreach (var range in domain.Split('.'))
        {
            var label = domain[range];
            if (label.IsEmpty || label.Length > 63 || label[0] == '-' || label[^1] == '-')
            {
                return false;
            }

            foreach (var c in label)
            {
                if (!char.IsLetterOrDigit(c) && c != '-' && !char.IsSurrogate(c))
                {
                    return false;
                }
            }
        }

        return true;
    }
}

/// <summary><c>uri</c>: an absolute address of an allowed scheme, http and https unless <c>allowedSchemes</c> says others.</summary>
public sealed class UriValidator() : AttributeValidator("uri")
{
    private static readonly string[] s_schemes = ["http", "https"];

    /// <summary>Schemes that Java has a handler for; an address of another cannot be opened there, whatever is allowed.</summary>
    private static readonly string[] s_opened = ["http", "https", "file", "ftp", "jar", "jmod", "jrt", "mailto"];

    public override IEnumerable<Finding> Check(IReadOnlyList<string> values, ValidatorSettings settings, string? locale) =>
        values.Where(v => v.Length > 0).SelectMany(v => Findings(v, settings));

    private static IEnumerable<Finding> Findings(string value, ValidatorSettings settings)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] is <= ' ' or '"' or '<' or '>' or '\\' or '^' or '`' or '{' or '|' or '}' or '\u007F')
            {
                return [new Finding("error-invalid-uri", value, $"Illegal character at index {i}: {value}")];
            }
        }

        var colon = value.IndexOf(':', StringComparison.Ordinal);
        var scheme = colon > 0 && char.IsAsciiLetter(value[0]) && value.AsSpan(0, colon).IndexOfAny("/?#") < 0 ? value[..colon] : null;
        IReadOnlyList<string> allowed = settings.List("allowedSchemes") is { Count: > 0 } given ? given : s_schemes;
        var findings = new List<Finding>();
        if (scheme is not null && !allowed.Contains(scheme, StringComparer.Ordinal))
        {
            findings.Add(new Finding("error-invalid-uri-scheme", value, scheme));
        }

        if (settings.Has("allowFragment") && !settings.Flag("allowFragment") && value.Contains('#', StringComparison.Ordinal))
        {
            findings.Add(new Finding("error-invalid-uri-fragment", value, value[(value.IndexOf('#', StringComparison.Ordinal) + 1)..]));
        }

        if (findings.Count > 0 || (settings.Has("requireValidUrl") && !settings.Flag("requireValidUrl")))
        {
            return findings;
        }

        var fault = scheme is null ? "URI is not absolute"
            : !s_opened.Contains(scheme, StringComparer.OrdinalIgnoreCase) ? $"unknown protocol: {scheme}"
            : Uri.TryCreate(value, UriKind.Absolute, out _) ? null : "Malformed URI";
        return fault is null ? [] : [new Finding("error-invalid-uri", value, fault)];
    }
}
