using System.Globalization;

namespace Castellan.Core.Authorize.Checks;

/// <summary>Numbers are numbers; parameters of a size that nobody means count as absent.</summary>
public sealed class WellFormedCheck : IAuthorizeCheck
{
    private const int MaxLength = 4000;
    private const int MaxHint = 255;
    private const int MaxOther = 2000;

    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal)
    {
        "client_id", "response_type", "response_mode", "redirect_uri", "state", "scope", "prompt", "kc_idp_hint", "kc_action", "nonce", "claims", "acr_values",
        "display", "ui_locales", "code_challenge", "code_challenge_method", "dpop_jkt",
    };

    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        if (request.Parameters.TryGetValue("max_age", out var age) && !int.TryParse(age, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
        {
            return new(AuthorizeRefusal.Page("invalid_request", AuthorizeRefusal.InvalidRequest));
        }

        foreach (var name in request.Parameters.Where(p => p.Value.Length > Longest(p.Key)).Select(p => p.Key).ToList())
        {
            request.Parameters.Remove(name);
        }

        return default;
    }

    private static int Longest(string name) => name switch
    {
        // These were read before, or are read by nobody any more.
        "request" or "request_uri" => int.MaxValue,
        "login_hint" => MaxHint,
        IdTokenHints.Parameter => IdTokenHints.MaxLength,
        _ => s_known.Contains(name) ? MaxLength : MaxOther,
    };
}
