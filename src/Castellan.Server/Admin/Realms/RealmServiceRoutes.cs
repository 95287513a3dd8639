using Castellan.Core.Representations;
using Castellan.Server.Admin.ServerInfo;

namespace Castellan.Server.Admin.Realms;

/// <summary>Small things of a realm that have no folder of their own.</summary>
internal static class RealmServiceRoutes
{
    // Required actions by which a person gets a credential.
    private static readonly List<string> s_registrators = ["CONFIGURE_RECOVERY_AUTHN_CODES", "CONFIGURE_TOTP", "webauthn-register", "webauthn-register-passwordless"];

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("credential-registrators", Permission.ViewRealm, _ => new(AdminAnswer.Json(s_registrators, AdminJson.Default.ListString))),
        AdminRoute.Get("client-types", Permission.ViewRealm, _ => new(AdminAnswer.NotEnabled)),
        AdminRoute.Put("client-types", Permission.ManageRealm, _ => new(AdminAnswer.NotEnabled)),
        AdminRoute.Get("users-management-permissions", Permission.ViewRealm, _ => new(AdminAnswer.NotEnabled)),
        AdminRoute.Put("users-management-permissions", Permission.ManageRealm, _ => new(AdminAnswer.NotEnabled)),
        AdminRoute.Get("client-registration-policy/providers", Permission.ViewRealm, _ => new(AdminAnswer.Json(
            [.. Providers.OfType("org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy")], AdminApiJson.Default.ListJsonElement)), noCache: true),

        // Nothing is kept in caches that a commit does not drop, so there is nothing to do.
        .. new[] { "realm", "user", "keys", "crl" }.Select(what => AdminRoute.Post($"clear-{what}-cache", Permission.ManageRealm, _ => new(AdminAnswer.NoContent))),
    ];
}
