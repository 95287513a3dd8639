using System.Globalization;
using System.Text.Json;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Ciba;

/// <summary>The parameters of an authentication request (§7.1): those of the form, under those of the signed request where there is one.</summary>
public sealed class CibaAsked
{
    public const string LoginHint = "login_hint", IdTokenHint = "id_token_hint", LoginHintToken = "login_hint_token";

    private const int MostFurther = 5;
    private const int LongestFurther = 200;

    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal)
    {
        "scope", "client_notification_token", "acr_values", LoginHintToken, IdTokenHint, LoginHint, "binding_message", "user_code", "requested_expiry", "request", "request_uri",
        "prompt", "nonce", "max_age", "ui_locales", "claims",
    };

    /// <summary>What proves the client, and what a signed request says of itself (RFC 7519 §4.1): no parameters, and nothing for the device to see.</summary>
    private static readonly HashSet<string> s_apart = new(StringComparer.Ordinal)
    {
        "client_id", "client_secret", "client_assertion", "client_assertion_type", "iss", "aud", "exp", "nbf", "iat", "jti", "sub",
    };

    private static readonly string[] s_numbers = ["requested_expiry", "max_age"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private CibaAsked()
    {
    }

    /// <summary>A parameter; null when it is absent, and empty when it was sent so.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Parameters that are none of the protocol's, for the device and for what is kept of the sign-in: a few, and short ones.</summary>
    public Dictionary<string, string> Further { get; } = new(StringComparer.Ordinal);

    /// <summary>How long the client would like the request to live, in seconds.</summary>
    public int? RequestedExpiry { get; private set; }

    /// <param name="signed">The signed request; null where none was sent.</param>
    public static Result<CibaAsked> Read(Form form, JwtClaims? signed)
    {
        var asked = new CibaAsked();
        foreach (var (name, value) in form.Fields)
        {
            asked.Take(name, value);
        }

        foreach (var member in signed?.Root.EnumerateObject() ?? default)
        {
            if (member.Value.ValueKind != JsonValueKind.Null)
            {
                asked.Take(member.Name, member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : member.Value.GetRawText());
            }
        }

        foreach (var name in s_numbers)
        {
            if (asked[name] is { } text)
            {
                if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                {
                    return new ProtocolError("invalid_request", $"For input string: \"{text}\"");
                }

                if (name == "requested_expiry")
                {
                    if (number <= 0)
                    {
                        return new ProtocolError("invalid_request", "requested_expiry has to be positive");
                    }

                    asked.RequestedExpiry = number;
                }
            }
        }

        return asked;
    }

    private void Take(string name, string value)
    {
        if (s_known.Contains(name))
        {
            _values[name] = value;
        }
        else if (!s_apart.Contains(name) && !HttpAuthenticationChannel.Members.Contains(name) && !string.IsNullOrWhiteSpace(value) && name.Length <= LongestFurther && value.Length <= LongestFurther
            && (Further.Count < MostFurther || Further.ContainsKey(name)))
        {
            Further[name] = value;
        }
    }
}
