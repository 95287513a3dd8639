using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Http;

/// <summary>
/// Stands before everything that routes: refuses requests that have more than one reading, and answers for what went wrong behind it, so that
/// nobody is ever shown more of it than that.
/// </summary>
public sealed partial class Gate(RequestDelegate next, bool anyPath, ILogger log)
{
    /// <summary>More than this no request has.</summary>
    public const long LongestBody = 10 * 1024 * 1024;

    // The phrase that it had in the older RFCs, and that Keycloak's clients read.
    private const string TooLarge = "Request Entity Too Large";
    private const string Plain = "application/json; charset=UTF-8";

    /// <summary>Puts it into the pipeline.</summary>
    /// <param name="anyPath">Takes addresses that are not normalized too (<c>http-accept-non-normalized-paths</c>).</param>
    public static void Use(IApplicationBuilder app, bool anyPath)
    {
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("castellan.http");
        app.Use(next => new Gate(next, anyPath, log).PassAsync);
    }

    private Task PassAsync(HttpContext http)
    {
        var request = http.Features.GetRequiredFeature<IHttpRequestFeature>();
        if (request.RawTarget is "*")
        {
            // The server as a whole: there is nothing that it could be asked.
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (!anyPath && RequestPaths.Check(request.RawTarget) is { } fault)
        {
            return RefuseAsync(http, fault);
        }

        // What a script takes out of a page's HTML as it stands there: Keycloak's web server reads "&amp;" as one separator too.
        if (request.QueryString.Contains("&amp;", StringComparison.Ordinal))
        {
            request.QueryString = request.QueryString.Replace("&amp;", "&", StringComparison.Ordinal);
        }

        // A length beside chunks (RFC 9112 §6.3): two readers may see two different requests. Kestrel has put the length aside.
        if (http.Request.Headers.TransferEncoding.Count > 0 && http.Request.Headers.ContainsKey("X-Content-Length"))
        {
            return CloseAsync(http, StatusCodes.Status400BadRequest, "Bad Request");
        }

        if (http.Request.ContentLength > LongestBody)
        {
            return CloseAsync(http, StatusCodes.Status413PayloadTooLarge, TooLarge);
        }

        return HttpMethods.IsHead(request.Method) ? HeadAsync(http) : AnswerAsync(http);
    }

    // RFC 9110 §9.3.2: as GET, without the content; the web server leaves it out.
    private async Task HeadAsync(HttpContext http)
    {
        http.Request.Method = HttpMethods.Get;
        try
        {
            await AnswerAsync(http);
        }
        finally
        {
            http.Request.Method = HttpMethods.Head;
        }
    }

    private async Task AnswerAsync(HttpContext http)
    {
        try
        {
            await next(http);
        }
        catch (BadHttpRequestException refused)
        {
            await FailAsync(http, refused.StatusCode, refused.StatusCode == StatusCodes.Status413PayloadTooLarge ? "HTTP 413 Request Entity Too Large" : "HTTP 400 Bad Request");
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (DbException lost)
        {
            DatabaseFailed(log, http.Request.Method, http.Request.Path, lost);
            http.Response.Headers.RetryAfter = "1";
            await FailAsync(http, StatusCodes.Status503ServiceUnavailable, "unknown_error");
        }
        catch (Exception error)
        {
            // Whatever it is: the answer is the same, and the log has the rest.
            Failed(log, http.Request.Method, http.Request.Path, error);
            await FailAsync(http, StatusCodes.Status500InternalServerError, "unknown_error");
        }
    }

    private static Task FailAsync(HttpContext http, int status, string error)
    {
        if (http.Response.HasStarted)
        {
            // Half an answer is worse than none: the connection tells that it is no whole one.
            http.Abort();
            return Task.CompletedTask;
        }

        var retry = http.Response.Headers.RetryAfter;
        http.Response.Clear();
        http.Response.Headers.RetryAfter = retry;
        if (status == StatusCodes.Status413PayloadTooLarge)
        {
            http.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = TooLarge;
        }

        return error == "unknown_error"
            ? OAuthResults.ErrorAsync(http, null, new(error, "For more on this error consult the server log.", status))
            : JsonAnswers.ErrorAsync(http, status, error);
    }

    private static Task RefuseAsync(HttpContext http, PathFault fault)
    {
        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return fault switch
        {
            PathFault.NotNormalized => WriteAsync(http, """{"error":"missingNormalization","error_description":"Request path not normalized"}"""),
            PathFault.Semicolon => WriteAsync(http, """{"error":"invalidCharacter","error_description":"Request path contains invalid character ';'"}"""),
            _ => Task.CompletedTask,
        };
    }

    private static Task WriteAsync(HttpContext http, string json)
    {
        http.Response.ContentType = Plain;
        http.Response.ContentLength = json.Length;
        return http.Response.WriteAsync(json, http.RequestAborted);
    }

    private static Task CloseAsync(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        http.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = reason;
        http.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }

    [LoggerMessage(20, LogLevel.Error, "{Method} {Path} failed")]
    private static partial void Failed(ILogger log, string method, PathString path, Exception error);

    [LoggerMessage(21, LogLevel.Error, "{Method} {Path}: the database does not answer")]
    private static partial void DatabaseFailed(ILogger log, string method, PathString path, Exception error);
}
