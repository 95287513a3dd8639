using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Export;
using Castellan.Server.Admin.Clients.Installation;
using Castellan.Server.Http;

namespace Castellan.Server.Admin.Clients;

/// <summary>Configuration files for applications, made from what the server knows of them.</summary>
internal static class InstallationRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } = [AdminRoute.Get("clients/{client}/installation/providers/{provider}", Permission.ViewClients, ClientRoutes.One(Show))];

    /// <summary>Whatever protocol the client has: it may have been meant for another.</summary>
    private static ValueTask<AdminAnswer> Show(AdminContext context, Client client) => new(context.Route("provider") switch
    {
        "keycloak-oidc-keycloak-json" => AdminAnswer.Text(KeycloakJson(context.Realm, client, context.Service<ServerUrls>().Frontend(context.Http, context.Realm)), "text/plain"),
        "saml-sp-descriptor" => AdminAnswer.Text(SamlInstallation.Descriptor(context, client), "text/plain"),
        "keycloak-saml" => AdminAnswer.Text(SamlInstallation.Adapter(context, client), "text/plain"),
        "keycloak-saml-subsystem" => AdminAnswer.Text(SamlInstallation.Subsystem(context, client), "text/plain"),
        "keycloak-saml-subsystem-cli" => AdminAnswer.Text(SamlAdapter.Commands(context, client), "text/plain"),
        "mod-auth-mellon" => AdminAnswer.Bytes(SamlInstallation.Mellon(context, client), "application/zip"),
        _ => AdminAnswer.NotFound("Unknown Provider"),
    });

    /// <param name="frontend">The server's address for people.</param>
    public static string KeycloakJson(Realm realm, Client client, string frontend)
    {
        var hasRoles = realm.Roles.OfClient(client.Id).Count > 0;
        var file = new JsonObject
        {
            ["realm"] = realm.Name,
            ["auth-server-url"] = frontend + "/",
            ["ssl-required"] = realm.Settings.SslRequired ?? "external",
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
        using var stream = new MemoryStream();
        new PrettyJson(stream).Write(Encoding.UTF8.GetBytes(file.ToJsonString()));
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
