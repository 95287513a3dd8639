using System.Text;
using Castellan.Core;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Management;

/// <summary>
/// Health as MicroProfile has it and as probes of Keycloak expect it: alive and started as long as it answers, ready when the database does too and
/// nobody has asked it to end.
/// </summary>
public sealed class Health(ServerState state, IDatabaseProbe database, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);

    private readonly Lock _lock = new();
    private DateTimeOffset? _failingSince;

    /// <summary>Answers a path below <c>/health</c>; false when there is no such check.</summary>
    public async ValueTask<bool> AnswerAsync(HttpContext http, PathString rest)
    {
        switch (rest.Value?.TrimEnd('/'))
        {
            case null or "" or "/ready":
                await WriteAsync(http, await ReadinessAsync(http.RequestAborted));
                return true;
            case "/live" or "/started" or "/well" or "/group":
                await WriteAsync(http, []);
                return true;
            default:
                return false;
        }
    }

    private async ValueTask<List<Check>> ReadinessAsync(CancellationToken ct)
    {
        var failingSince = await DatabaseFailsSinceAsync(ct);
        return
        [
            new("Graceful Shutdown", !state.Stopping),
            new("Keycloak database connections async health check", failingSince is null, failingSince),
            new("Keycloak Initialized", state.Initialized),
        ];
    }

    /// <summary>The moment since which the database has not answered, or null when it does.</summary>
    private async ValueTask<DateTimeOffset?> DatabaseFailsSinceAsync(CancellationToken ct)
    {
        var answers = await AnswersAsync(ct);
        lock (_lock)
        {
            return _failingSince = answers ? null : _failingSince ?? time.GetLocalNow();
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(s_patience);
        try
        {
            await database.AskAsync(limit.Token).AsTask().WaitAsync(s_patience, time, ct);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The layout, too, is what scripts that look with <c>grep</c> are used to.</summary>
    private static Task WriteAsync(HttpContext http, List<Check> checks)
    {
        var up = checks.TrueForAll(check => check.Up);
        var text = new StringBuilder("{\n    \"status\": \"").Append(Word(up)).Append("\",\n    \"checks\": [");
        foreach (var check in checks)
        {
            text.Append(check == checks[0] ? "\n" : ",\n")
                .Append("        {\n            \"name\": \"").Append(check.Name)
                .Append("\",\n            \"status\": \"").Append(Word(check.Up)).Append('"');
            if (check.Since is { } since)
            {
                text.Append(",\n            \"data\": {\n                \"Failing since\": \"").Append($"{since:yyyy-MM-dd HH:mm:ss,fff}").Append("\"\n            }");
            }

            text.Append("\n        }");
        }

        text.Append("\n    ]\n}");
        http.Response.StatusCode = up ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentType = "application/json; charset=UTF-8";
        return Answer.WriteAsync(http, text.ToString());
    }

    private static string Word(bool up) => up ? "UP" : "DOWN";

    private sealed record Check(string Name, bool Up, DateTimeOffset? Since = null);
}
