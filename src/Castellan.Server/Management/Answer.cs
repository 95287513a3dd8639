using System.Text;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Management;

internal static class Answer
{
    /// <summary>Writes a whole text, its length first: some probes do not read chunks.</summary>
    public static Task WriteAsync(HttpContext http, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        http.Response.ContentLength = bytes.Length;
        return http.Response.Body.WriteAsync(bytes, http.RequestAborted).AsTask();
    }
}
