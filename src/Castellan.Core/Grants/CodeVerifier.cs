using System.Security.Cryptography;
using System.Text;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Grants;

/// <summary>The proof that whoever redeems a code began the request for it (RFC 7636 §4.6).</summary>
internal static class CodeVerifier
{
    private const string Missing = "PKCE code verifier not specified";
    private const string Unasked = "PKCE code verifier specified but challenge not present in authorization";

    /// <summary>What is wrong, for the event, with the reason that it gives, and for the client; null when nothing is.</summary>
    public static (string Event, string Reason, string Description)? Check(string? challenge, string? method, string? verifier)
    {
        if (challenge is null)
        {
            // Not told apart from a downgrade: somebody may have dropped the challenge from the authorization request.
            return string.IsNullOrEmpty(verifier) ? null : ("invalid_code_verifier", Unasked, Unasked);
        }

        if (string.IsNullOrEmpty(verifier))
        {
            return ("code_verifier_missing", Missing, Missing);
        }

        if (verifier.Length is < 43 or > 128 || !verifier.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~'))
        {
            return ("invalid_code_verifier", "Invalid code verifier", "PKCE verification failed: Invalid code verifier");
        }

        var expected = method == "S256" ? StrictBase64Url.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))) : verifier;
        return Secret.Equal(expected, challenge) ? null : ("pkce_verification_failed", "Code mismatch", "PKCE verification failed: Code mismatch");
    }
}
