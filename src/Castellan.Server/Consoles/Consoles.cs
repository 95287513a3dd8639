using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Server.Consoles;

/// <summary>Everything that the consoles need beside the REST APIs.</summary>
public static class Consoles
{
    public static void MapConsoles(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapThemeResources();
        endpoints.MapConsoleMessages();
        endpoints.MapAdminConsole();
        endpoints.MapMethods("/", [HttpMethods.Get], http => AdminConsole.Redirect(http, "/admin/"));
    }
}
