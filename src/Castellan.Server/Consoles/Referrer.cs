using Castellan.Core.Clients;
using Castellan.Core.Realms;
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

        var name = client.Representation.Name is { Length: > 0 } own ? own : clientId;
        var asked = http.Request.Query["referrer_uri"].ToString();
        return (name, asked.Length > 0 && RedirectsTo(client, asked) ? asked : client.Representation.BaseUrl ?? "");
    }

    private static bool RedirectsTo(Client client, string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        && (client.Representation.RedirectUris ?? []).Exists(r => r == address || (r.EndsWith('*') && r.Length > 1 && !address.Contains("..", StringComparison.Ordinal) && address.StartsWith(r[..^1], StringComparison.Ordinal)));
}
