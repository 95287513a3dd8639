using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Http;

/// <summary>
/// Sheds load: what comes beyond the requests that may be worked on and those that may wait is answered 503 at once, so that a balancer tries another
/// node while it still has time.
/// </summary>
public static class Admission
{
    /// <summary>Puts it into the pipeline.</summary>
    /// <param name="limit">How many requests may be inside at once.</param>
    public static void Use(IApplicationBuilder app, long limit)
    {
        var inside = 0L;
        app.Use(next => async http =>
        {
            try
            {
                if (Interlocked.Increment(ref inside) > limit)
                {
                    http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    return;
                }

                await next(http);
            }
            finally
            {
                Interlocked.Decrement(ref inside);
            }
        });
    }
}
