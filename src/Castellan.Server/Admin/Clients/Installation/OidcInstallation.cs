using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Export;

namespace Castellan.Server.Admin.Clients.Installation;

/// <summary>Configuration files for applications that sign people in by OpenID Connect, in the forms of Keycloak's adapters.</summary>
internal static class OidcInstallation
{
    private const string Archive = "WAR MODULE NAME.war";

    /// <summary>The file <c>keycloak.json</c>.</summary>
    /// <param name="frontend">The server's address for people.</param>
    /// <param name="forRegistration">Whether the client asks for it itself: then it says nothing of audiences and permissions.</param>
    public static string Json(Realm realm, Client client, string frontend, bool forRegistration = false)
    {
        var roles = realm.Roles.OfClient(client.Id);
        var file = new JsonObject
        {
            ["realm"] = realm.Name,
            ["auth-server-url"] = frontend + "/",
            ["ssl-required"] = realm.Settings.SslRequired ?? "external",
            ["resource"] = client.ClientId,
        };
        if (Access(client) is { } access)
        {
            file[access] = true;
        }

        if (!forRegistration && ChecksAudience(realm, client))
        {
            file["verify-token-audience"] = true;
        }

        if (ProvesItself(client))
        {
            file["credentials"] = new JsonObject(Credentials(client).Select(c => KeyValuePair.Create(c.Name, c.Single is { } single
                ? JsonValue.Create(single)
                : (JsonNode?)new JsonObject(c.Several.Select(s => KeyValuePair.Create(s.Name, (JsonNode?)(int.TryParse(s.Value, out var number) ? JsonValue.Create(number) : JsonValue.Create(s.Value))))))));
        }

        // A client with nothing but the role that its resources need has none that it asks for.
        var isGuarded = !forRegistration && client.Representation.AuthorizationServicesEnabled is true;
        if (roles.Count > 0 && !(isGuarded && roles.Count == 1 && roles.First().Name == "uma_protection"))
        {
            file["use-resource-role-mappings"] = true;
        }

        file["confidential-port"] = 0;
        if (isGuarded)
        {
            file["policy-enforcer"] = new JsonObject { ["credentials"] = new JsonObject() };
        }

        using var stream = new MemoryStream();
        new PrettyJson(stream).Write(Encoding.UTF8.GetBytes(file.ToJsonString()));
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>The same for the subsystem of an application server.</summary>
    public static string Subsystem(Realm realm, Client client, string frontend)
    {
        var text = new StringBuilder($"<secure-deployment name=\"{Archive}\">\n");
        Element("realm", realm.Name);
        Element("auth-server-url", frontend + "/");
        if (Access(client) is { } access)
        {
            Element(access, "true");
        }

        Element("ssl-required", (realm.Settings.SslRequired ?? "external").ToUpperInvariant());
        Element("resource", client.ClientId);
        if (ChecksAudience(realm, client))
        {
            Element("verify-token-audience", "true");
        }

        foreach (var credential in ProvesItself(client) ? Credentials(client) : [])
        {
            text.Append($"    <credential name=\"{Escape(credential.Name)}\">");
            if (credential.Single is { } single)
            {
                text.Append(Escape(single)).Append("</credential>\n");
                continue;
            }

            text.Append('\n');
            foreach (var (name, value) in credential.Several)
            {
                text.Append($"        <{name}>{Escape(value)}</{name}>\n");
            }

            text.Append("    </credential>\n");
        }

        if (realm.Roles.OfClient(client.Id).Count > 0)
        {
            Element("use-resource-role-mappings", "true");
        }

        return text.Append("</secure-deployment>\n").ToString();

        void Element(string name, string value) => text.Append($"    <{name}>{Escape(value)}</{name}>\n");

        static string Escape(string value) => System.Security.SecurityElement.Escape(value);
    }

    /// <summary>The same as commands for an application server's console.</summary>
    public static string Commands(Realm realm, Client client, string frontend)
    {
        const string deployment = $"/subsystem=keycloak/secure-deployment=\"{Archive}\"/";
        var text = new StringBuilder(deployment).Append(":add( \\\n");
        Setting("realm", Quoted(realm.Name));
        Setting("resource", Quoted(client.ClientId));
        Setting("auth-server-url", frontend + "/");
        if (Access(client) is { } access)
        {
            Setting(access, "true");
        }

        if (ChecksAudience(realm, client))
        {
            Setting("verify-token-audience", "true");
        }

        if (realm.Roles.OfClient(client.Id).Count > 0)
        {
            Setting("use-resource-role-mappings", "true");
        }

        text.Append("    ssl-required=").Append((realm.Settings.SslRequired ?? "external").ToUpperInvariant()).Append(")\n\n");
        foreach (var credential in ProvesItself(client) ? Credentials(client) : [])
        {
            var value = credential.Single ?? $"{{{string.Join(", ", credential.Several.Select(s => $"{s.Name}={s.Value}"))}}}";
            text.Append(deployment).Append("credential=").Append(credential.Name).Append(":add(value=").Append(value).Append(")\n");
        }

        return text.ToString();

        static string Quoted(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

        void Setting(string name, string value) => text.Append("    ").Append(name).Append('=').Append(value).Append(", \\\n");
    }

    private static string? Access(Client client) => client.IsBearerOnly ? "bearer-only" : client.IsPublic ? "public-client" : null;

    /// <summary>Whether tokens can name the client as their audience: it has roles, or a scope says so.</summary>
    private static bool ChecksAudience(Realm realm, Client client) => realm.Roles.OfClient(client.Id).Count > 0 || realm.Scopes.Any(s =>
        s.Representation.ProtocolMappers?.Exists(m => m.ProtocolMapper == "oidc-audience-mapper" && m.Config?.GetValueOrDefault("included.client.audience") == client.ClientId) is true);

    private static bool ProvesItself(Client client) =>
        !client.IsPublic && !(client.IsBearerOnly && client.Representation is { ServiceAccountsEnabled: not true, NodeReRegistrationTimeout: null or <= 0 });

    /// <summary>By what the client proves who it is: one value, or several of which the application has to fill in some.</summary>
    private sealed record Credential(string Name, string? Single, params (string Name, string Value)[] Several);

    private static Credential[] Credentials(Client client)
    {
        (string Name, string Value)[] algorithm = client.Attribute("token.endpoint.auth.signing.alg") is { } named ? [("algorithm", named)] : [];
        var secret = client.Representation.Secret;
        return client.Representation.ClientAuthenticatorType switch
        {
            "client-secret" or null => secret is null ? [] : [new("secret", secret)],
            "client-secret-jwt" => [new("secret-jwt", null, [.. secret is null ? Array.Empty<(string, string)>() : [("secret", secret)], .. algorithm])],
            "client-jwt" =>
            [
                new(
                    "jwt", null,
                    [
                        ("client-key-password", "REPLACE WITH THE KEY PASSWORD IN KEYSTORE"), ("client-keystore-file", "REPLACE WITH THE LOCATION OF YOUR KEYSTORE FILE"),
                        ("client-keystore-password", "REPLACE WITH THE KEYSTORE PASSWORD"), ("client-key-alias", client.ClientId), ("token-timeout", "10"), ("client-keystore-type", "jks"),
                        .. algorithm,
                    ]),
            ],
            _ => [],
        };
    }
}
