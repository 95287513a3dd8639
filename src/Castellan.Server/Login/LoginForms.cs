using Castellan.Core.Login;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Castellan.Server.Login;

/// <summary>Reads what pages post, within limits.</summary>
public static class LoginForms
{
    private static readonly FormOptions s_limits = new()
    {
        ValueCountLimit = 512, KeyLengthLimit = 256, ValueLengthLimit = 128 * 1024, BufferBodyLengthLimit = 512 * 1024, MemoryBufferThreshold = 512 * 1024,
    };

    /// <summary>The form; null for what is none, or too large.</summary>
    public static async ValueTask<IFormCollection?> ReadAsync(HttpContext http)
    {
        if (!(http.Request.ContentType ?? "").StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            return await new FormFeature(http.Request, s_limits).ReadFormAsync(http.RequestAborted);
        }
        catch (Exception refused) when (refused is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    public static LoginForm ToLoginForm(IFormCollection form) =>
        new(form.ToDictionary(f => f.Key, f => (IReadOnlyList<string>)[.. f.Value.Select(v => v ?? "")], StringComparer.Ordinal));
}
