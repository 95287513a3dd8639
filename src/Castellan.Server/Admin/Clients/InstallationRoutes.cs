using System.Text.Json.Nodes;
using Castellan.Core.Clients;
using Castellan.Server.Http;

namespace Castellan.Server.Admin.Clients;

/// <summary>Configuration files for applications, made from what the server knows of them.</summary>
internal static class InstallationRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } = [AdminRoute.Get("clients/{client}/installation/providers/{provider}", Permission.ViewClients, ClientRoutes.One(Show))];

    private static ValueTask<AdminAnswer> Show(AdminContext context, Client client) => new(context.Route("provider") switch
    {
        "keycloak-oidc-keycloak-json" when client.Protocol == "openid-connect" => AdminAnswer.Text(KeycloakJson(context, client), "text/plain"),
        _ => AdminAnswer.NotFound("Unknown Provider"),
    });

    private static string KeycloakJson(AdminContext context, Client client)
    {
        var hasRoles = context.Realm.Roles.All.Any(r => r.ClientId == client.Id);
        var file = new JsonObject
        {
            ["realm"] = context.Realm.Name,
            ["auth-server-url"] = context.Service<ServerUrls>().Frontend(context.Http, context.Realm) + "/",
            ["ssl-required"] = context.Realm.Settings.SslRequired ?? "external",
            ["resource"] = client.ClientId,
        };
        if (client.IsBearerOnly)
        {
            file["bearer-only"] = true;
        }
        else if (client.IsPublic)
        {
            file["public-client"] = true;
        }

        if (hasRoles)
        {
            (file["verify-token-audience"], file["use-resource-role-mappings"]) = (true, true);
        }

        if (!client.IsPublic && !client.IsBearerOnly && client.Representation.Secret is { } secret)
        {
            file["credentials"] = new JsonObject { ["secret"] = secret };
        }

        file["confidential-port"] = 0;
        return file.ToJsonString(s_indented);
    }

    private static readonly System.Text.Json.JsonSerializerOptions s_indented = new(AdminApiJson.Default.Options) { WriteIndented = true };
}
