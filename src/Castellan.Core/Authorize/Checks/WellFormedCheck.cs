namespace Castellan.Core.Authorize.Checks;

/// <summary>Parameters of a size that somebody could mean, and numbers that are numbers.</summary>
public sealed class WellFormedCheck : IAuthorizeCheck
{
    private const int MaxLength = 4000;
    private const int MaxHint = 255;

    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        if ((request["max_age"] is { } age && !long.TryParse(age, out _))
            || request.Parameters.Any(p => p.Value.Length > MaxLength && p.Key is not "request"))
        {
            return new(AuthorizeRefusal.Page("invalid_request", AuthorizeRefusal.InvalidRequest));
        }

        if (request["login_hint"] is { Length: > MaxHint })
        {
            request.Parameters.Remove("login_hint");
        }

        return default;
    }
}
