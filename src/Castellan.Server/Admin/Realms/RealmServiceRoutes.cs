using System.Text.Json;
using System.Text.Json.Nodes;
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
        AdminRoute.Get("credential-registrators", Permission.ViewRealm, c => new(AdminAnswer.Json(
            [.. s_registrators.Where(id => c.Realm.Data.RequiredActions.Any(a => a.ProviderId == id && a.Enabled is true))], AdminJson.Default.ListString))),
        AdminRoute.Get("client-types", Permission.ViewRealm, _ => new(AdminAnswer.NotEnabled)),
        AdminRoute.Put("client-types", Permission.ManageRealm, _ => new(AdminAnswer.NotEnabled)),
        AdminRoute.Get("users-management-permissions", Permission.ViewRealm, _ => new(AdminAnswer.NotEnabled)),
        AdminRoute.Put("users-management-permissions", Permission.ManageRealm, _ => new(AdminAnswer.NotEnabled)),
        AdminRoute.Get("client-registration-policy/providers", Permission.ViewRealm, RegistrationPolicies),

        // Nothing is kept in caches that a commit does not drop, so there is nothing to do.
        .. new[] { "realm", "user", "keys", "crl" }.Select(what => AdminRoute.Post($"clear-{what}-cache", Permission.ManageRealm, _ => new(AdminAnswer.NoContent))),
    ];

    /// <summary>The policies of client registration; that of client scopes offers those of the realm, and <c>openid</c>, which every client may ask for.</summary>
    private static ValueTask<AdminAnswer> RegistrationPolicies(AdminContext context)
    {
        var offered = Providers.OfType("org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy").Select(provider =>
        {
            if (provider.GetProperty("id").GetString() != "allowed-client-templates")
            {
                return provider;
            }

            var own = JsonObject.Create(provider)!;
            var scopes = own["properties"]!.AsArray().First(p => p!["name"]!.GetValue<string>() == "allowed-client-scopes")!;
            scopes["options"] = new JsonArray([.. context.Realm.Data.Scopes.Select(s => s.Representation.Name!).Append("openid").Order(StringComparer.Ordinal).Select(n => (JsonNode)n)]);
            return JsonSerializer.SerializeToElement(own, UiExt.UiExtJson.Default.JsonObject);
        });
        return new(AdminAnswer.Json([.. offered], AdminApiJson.Default.ListJsonElement));
    }
}
