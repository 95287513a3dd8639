using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Consoles;

/// <summary>The application that sent a person to the account console, for the way back: only one that the realm knows, at an address of its own.</summary>
internal static class Referrer
{
    public static async ValueTask<(string Name, string Url)> FindAsync(HttpContext http, Realm realm)
    {
        if (http.Request.Query["referrer"] is not [{ Length: > 0 } clientId]
            || await http.RequestServices.GetRequiredService<IClients>().FindAsync(realm, clientId, http.RequestAborted) is not { Enabled: true } client)
        {
            return ("", "");
        }

        var server = http.RequestServices.GetRequiredService<ServerUrls>().Addresses(http, realm);
        var url = http.Request.Query["referrer_uri"] is [{ Length: > 0 } asked, ..] ? RedirectUris.Find(client, server, asked, required: true)
            : client.Representation.BaseUrl is { Length: > 0 } home ? server.Absolute(client, home) : null;
        return url is null ? ("", "") : (client.Representation.Name is { Length: > 0 } name ? name : clientId, url);
    }
}
