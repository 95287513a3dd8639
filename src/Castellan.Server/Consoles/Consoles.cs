using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Server.Consoles;

/// <summary>Everything that the consoles need beside the REST APIs.</summary>
public static class Consoles
{
    public static void MapConsoles(this IEndpointRouteBuilder endpoints, Features features)
    {
        endpoints.MapThemeResources();
        endpoints.MapConsoleMessages();
        if (features.Has("admin"))
        {
            endpoints.MapAdminConsole();
            endpoints.MapMethods("/", [HttpMethods.Get], http => AdminConsole.Redirect(http, "/admin/"));
        }
        else
        {
            endpoints.Map("/admin/{realm}/console/{**rest}", http => JsonAnswers.BareErrorAsync(http, StatusCodes.Status404NotFound, "HTTP 404 Not Found"));
        }
    }
}
