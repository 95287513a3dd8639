using Castellan.Core.Clients;
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
        "keycloak-oidc-keycloak-json" => AdminAnswer.Text(OidcInstallation.Json(context.Realm, client, Frontend(context)), "text/plain"),
        "keycloak-oidc-jboss-subsystem" => AdminAnswer.Text(OidcInstallation.Subsystem(context.Realm, client, Frontend(context)), "text/plain"),
        "keycloak-oidc-jboss-subsystem-cli" => AdminAnswer.Text(OidcInstallation.Commands(context.Realm, client, Frontend(context)), "text/plain"),
        "saml-sp-descriptor" => AdminAnswer.Text(SamlInstallation.Descriptor(context, client), "text/plain"),
        "keycloak-saml" => AdminAnswer.Text(SamlInstallation.Adapter(context, client), "text/plain"),
        "keycloak-saml-subsystem" => AdminAnswer.Text(SamlInstallation.Subsystem(context, client), "text/plain"),
        "keycloak-saml-subsystem-cli" => AdminAnswer.Text(SamlAdapter.Commands(context, client), "text/plain"),
        "mod-auth-mellon" => AdminAnswer.Bytes(SamlInstallation.Mellon(context, client), "application/zip"),
        _ => AdminAnswer.NotFound("Unknown Provider"),
    });

    private static string Frontend(AdminContext context) => context.Service<ServerUrls>().Frontend(context.Http, context.Realm);
}
