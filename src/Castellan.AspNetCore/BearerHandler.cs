using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Castellan.AspNetCore;

/// <summary>
/// Reads the bearer token of a request and answers for its absence (RFC 6750). Written against the bare interface: the usual base
/// class looks up options, loggers and events in every request, which costs more than all of this.
/// </summary>
internal sealed class BearerHandler(TokenValidators validators) : IAuthenticationHandler
{
    private const string Scheme = "Bearer";
    private static readonly Task<AuthenticateResult> s_none = Task.FromResult(AuthenticateResult.NoResult());

    private AuthenticationScheme _scheme = null!;
    private HttpContext _context = null!;
    private TokenValidator _validator = null!;
    private Task<AuthenticateResult>? _result;
    private string? _refusal;
    private bool _unavailable;
    private bool _malformed;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        (_scheme, _context) = (scheme, context);
        _validator = validators[scheme.Name];
        return Task.CompletedTask;
    }

    public Task<AuthenticateResult> AuthenticateAsync() => _result ??= ReadAsync();

    public async Task ChallengeAsync(AuthenticationProperties? properties)
    {
        await AuthenticateAsync(); // another scheme may have been asked first; what was wrong with ours is still to be said
        var response = _context.Response;
        if (_unavailable)
        {
            response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            response.Headers.RetryAfter = "2";
            return;
        }

        // §3.1: a request that cannot be read is 400, a bad token 401 with a reason, no token 401 without one.
        response.StatusCode = _malformed ? StatusCodes.Status400BadRequest : StatusCodes.Status401Unauthorized;
        Challenge(_refusal is null ? null : _malformed ? "invalid_request" : "invalid_token", _refusal);
    }

    public Task ForbidAsync(AuthenticationProperties? properties)
    {
        _context.Response.StatusCode = StatusCodes.Status403Forbidden;
        Challenge("insufficient_scope", "The token does not allow this", Requirements.MissingScope(_context));
        return Task.CompletedTask;
    }

    private Task<AuthenticateResult> ReadAsync()
    {
        var header = _context.Request.Headers.Authorization;
        if (StringValues.IsNullOrEmpty(header))
        {
            return s_none;
        }

        if (header.Count > 1)
        {
            return Fail("The request has more than one Authorization header", malformed: true);
        }

        var text = header[0].AsSpan();
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || (text.Length > Scheme.Length && text[Scheme.Length] != ' '))
        {
            return s_none;
        }

        var judged = _validator.ValidateAsync(text[Scheme.Length..].Trim(' '), _context.RequestAborted);
        return judged.IsCompletedSuccessfully ? Conclude(judged.Result) : WaitAsync(judged);
    }

    private async Task<AuthenticateResult> WaitAsync(ValueTask<Verdict> judged) => await Conclude(await judged);

    private Task<AuthenticateResult> Conclude(Verdict verdict)
    {
        if (verdict.Token is { } token)
        {
            var principal = new ClaimsPrincipal(new CastellanIdentity(token));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, _scheme.Name)));
        }

        _unavailable = verdict.IsUnavailable;
        return Fail(verdict.Refusal ?? "The realm cannot be reached");
    }

    private Task<AuthenticateResult> Fail(string reason, bool malformed = false)
    {
        (_refusal, _malformed) = (reason, malformed);
        return Task.FromResult(AuthenticateResult.Fail(reason));
    }

    // All that is put in here is our own text, but for the realm's name and the scopes, which come from the configuration.
    private void Challenge(string? error, string? description, string? scope = null)
    {
        var parts = new List<string>(4);
        if (_validator.Realms.Count == 1)
        {
            parts.Add($"realm=\"{Quote(_validator.Realms[0].Name)}\"");
        }

        if (error is not null)
        {
            parts.Add($"error=\"{error}\"");
            parts.Add($"error_description=\"{description}\"");
        }

        if (scope is not null)
        {
            parts.Add($"scope=\"{Quote(scope)}\"");
        }

        _context.Response.Headers.Append("WWW-Authenticate", parts.Count == 0 ? "Bearer" : "Bearer " + string.Join(", ", parts));
    }

    private static string Quote(string text) =>
        string.Concat(text.Where(c => c is >= ' ' and <= '~').Select(c => c is '"' or '\\' ? $"\\{c}" : c.ToString()));
}
