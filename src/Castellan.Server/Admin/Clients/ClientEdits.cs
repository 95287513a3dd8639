using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Castellan.Core;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Clients;

/// <summary>How a client comes from what is sent: made anew with defaults, or an existing one changed.</summary>
internal static class ClientEdits
{
    private const string ArtifactIdentifier = "saml.artifact.binding.identifier";

    /// <summary>The client that a representation asks for. What it does not say is what the console's users expect, which is more open than a realm file's defaults.</summary>
    public static ClientRepresentation Make(Realm realm, ClientRepresentation given, long now)
    {
        var client = given.Copy(AdminJson.Default.ClientRepresentation);
        client.Id = string.IsNullOrEmpty(given.Id) ? Ids.New() : given.Id;
        client.ClientId ??= client.Id;
        client.Protocol ??= "openid-connect";
        client.Enabled ??= true;
        client.SurrogateAuthRequired ??= false;
        client.AlwaysDisplayInConsole ??= false;
        client.ClientAuthenticatorType ??= "client-secret";
        client.NotBefore ??= 0;
        client.ConsentRequired ??= false;
        client.ServiceAccountsEnabled ??= false;
        client.FullScopeAllowed ??= client.ConsentRequired is not true;
        client.NodeReRegistrationTimeout ??= -1;
        client.AuthenticationFlowBindingOverrides = client.AuthenticationFlowBindingOverrides?.Where(o => !string.IsNullOrEmpty(o.Value)).ToDictionary(StringComparer.Ordinal) ?? [];
        client.Attributes = client.Attributes?.Where(a => !string.IsNullOrEmpty(a.Value)).ToDictionary(StringComparer.Ordinal) ?? [];
        client.Attributes.TryAdd("realm_client", "false");
        client.RedirectUris = [.. (client.RedirectUris ?? []).Where(u => !string.IsNullOrWhiteSpace(u)).Distinct(StringComparer.Ordinal)];
        client.WebOrigins = [.. (client.WebOrigins ?? Origins(client.RedirectUris)).Where(o => !string.IsNullOrWhiteSpace(o)).Distinct(StringComparer.Ordinal)];
        foreach (var mapper in client.ProtocolMappers ?? [])
        {
            ProtocolMapperRoutes.CompleteNew(mapper);
        }

        if (given.PublicClient is true || given.BearerOnly is true)
        {
            client.Secret = null;
        }
        else if (string.IsNullOrEmpty(client.Secret))
        {
            RenewSecret(client, now);
        }

        switch (client.Protocol)
        {
            case "saml":
                CompleteSaml(client);
                break;
            default:
                CompleteOidc(client, given);
                break;
        }

        GiveScopes(realm, client, given);
        (client.DirectGrantsOnly, client.DefaultRoles, client.Access, client.Origin, client.RegistrationAccessToken) = (null, null, null, null, null);
        return client;
    }

    /// <summary>Changes a client: what is not given stays.</summary>
    public static ClientRepresentation Update(ClientRepresentation existing, ClientRepresentation given, long now)
    {
        var client = existing.Copy(AdminJson.Default.ClientRepresentation);
        client.ClientId = given.ClientId ?? client.ClientId;
        client.Name = given.Name ?? client.Name;
        client.Description = given.Description ?? client.Description;
        client.Type = given.Type ?? client.Type;
        client.RootUrl = given.RootUrl ?? client.RootUrl;
        client.AdminUrl = given.AdminUrl ?? client.AdminUrl;
        client.BaseUrl = given.BaseUrl ?? client.BaseUrl;
        client.SurrogateAuthRequired = given.SurrogateAuthRequired ?? client.SurrogateAuthRequired;
        client.Enabled = given.Enabled ?? client.Enabled;
        client.AlwaysDisplayInConsole = given.AlwaysDisplayInConsole ?? client.AlwaysDisplayInConsole;
        client.ClientAuthenticatorType = given.ClientAuthenticatorType ?? client.ClientAuthenticatorType;
        client.NotBefore = given.NotBefore ?? client.NotBefore;
        client.BearerOnly = given.BearerOnly ?? client.BearerOnly;
        client.ConsentRequired = given.ConsentRequired ?? client.ConsentRequired;
        client.StandardFlowEnabled = given.StandardFlowEnabled ?? client.StandardFlowEnabled;
        client.ImplicitFlowEnabled = given.ImplicitFlowEnabled ?? client.ImplicitFlowEnabled;
        client.DirectAccessGrantsEnabled = given.DirectAccessGrantsEnabled ?? client.DirectAccessGrantsEnabled;
        client.ServiceAccountsEnabled = given.ServiceAccountsEnabled ?? client.ServiceAccountsEnabled;
        client.AuthorizationServicesEnabled = given.AuthorizationServicesEnabled ?? client.AuthorizationServicesEnabled;
        client.PublicClient = given.PublicClient ?? client.PublicClient;
        client.FrontchannelLogout = given.FrontchannelLogout ?? client.FrontchannelLogout;
        client.Protocol = given.Protocol ?? client.Protocol;
        client.FullScopeAllowed = given.FullScopeAllowed ?? client.FullScopeAllowed;
        client.NodeReRegistrationTimeout = given.NodeReRegistrationTimeout ?? client.NodeReRegistrationTimeout;
        foreach (var (node, registered) in given.RegisteredNodes ?? [])
        {
            (client.RegisteredNodes ??= [])[node] = registered;
        }

        client.Attributes = Merge(client.Attributes, given.Attributes);
        client.AuthenticationFlowBindingOverrides = Merge(client.AuthenticationFlowBindingOverrides, given.AuthenticationFlowBindingOverrides);
        if (given.RedirectUris is { } redirects)
        {
            client.RedirectUris = [.. redirects.Where(u => !string.IsNullOrWhiteSpace(u)).Distinct(StringComparer.Ordinal)];
        }

        if (given.WebOrigins is { } origins)
        {
            client.WebOrigins = [.. origins.Where(o => !string.IsNullOrWhiteSpace(o)).Distinct(StringComparer.Ordinal)];
        }
        else if (client.WebOrigins is not { Count: > 0 })
        {
            // Origins that there are stay, whatever becomes of the redirect URIs.
            client.WebOrigins = Origins(client.RedirectUris ?? []);
        }

        if (given.ProtocolMappers is { } mappers)
        {
            client.ProtocolMappers = Mappers(client.ProtocolMappers ?? [], mappers);
        }

        if (given is { ClientId: { } name, Protocol: "saml" } && given.Attributes?.ContainsKey(ArtifactIdentifier) is not true)
        {
            client.Attributes[ArtifactIdentifier] = SourceId(name);
        }

        if (client.PublicClient is true || client.BearerOnly is true)
        {
            // Who has no use for a secret has none.
            client.Secret = null;
        }
        else if (!string.IsNullOrEmpty(given.Secret) && given.Secret != Masks.Secret)
        {
            client.Secret = given.Secret;
        }
        else if (string.IsNullOrEmpty(client.Secret))
        {
            RenewSecret(client, now);
        }

        return client;
    }

    /// <summary>Gives a client a new secret.</summary>
    public static void RenewSecret(ClientRepresentation client, long now)
    {
        client.Secret = Secret.Text(86);
        (client.Attributes ??= [])["client.secret.creation.time"] = (now / 1000).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The origins of web addresses.</summary>
    public static List<string> Origins(IEnumerable<string> redirects)
    {
        var origins = new List<string>();
        foreach (var redirect in redirects.Where(r => r.StartsWith("http", StringComparison.Ordinal)))
        {
            var start = redirect.IndexOf("://", StringComparison.Ordinal);
            if (start > 0)
            {
                var end = redirect.IndexOf('/', start + 3);
                origins.Add(end < 0 ? redirect : redirect[..end]);
            }
        }

        return [.. origins.Distinct(StringComparer.Ordinal)];
    }

    private static void CompleteOidc(ClientRepresentation client, ClientRepresentation given)
    {
        if (given.Protocol is null)
        {
            // What the console's users expect is for who names the protocol; of others a client is one that can keep a secret.
            client.PublicClient ??= false;
            client.BearerOnly ??= false;
            client.StandardFlowEnabled ??= given.DirectGrantsOnly is not true;
            client.DirectAccessGrantsEnabled ??= given.DirectGrantsOnly ?? false;
            client.ImplicitFlowEnabled ??= false;
            client.FrontchannelLogout ??= false;
            return;
        }

        if (client.RootUrl is { Length: > 0 } root && client.RedirectUris!.Count == 0)
        {
            client.RedirectUris.Add(root.EndsWith('/') ? root + "*" : root + "/*");
            client.WebOrigins = Origins(client.RedirectUris);
        }

        if (given is { PublicClient: null, BearerOnly: null })
        {
            client.Secret = null;
        }

        client.PublicClient ??= true;
        client.BearerOnly ??= false;
        client.AdminUrl ??= string.IsNullOrEmpty(client.RootUrl) ? null : client.RootUrl;
        client.StandardFlowEnabled ??= given.DirectGrantsOnly is not true;
        client.DirectAccessGrantsEnabled ??= given.DirectGrantsOnly ?? true;
        client.ImplicitFlowEnabled ??= false;
        client.FrontchannelLogout ??= false;
        if (client.Attributes?.GetValueOrDefault("backchannel.logout.url") is null)
        {
            // For the day on which an address is set; with one, what is not said is not wanted.
            (client.Attributes ??= [])["backchannel.logout.session.required"] = "true";
            client.Attributes["backchannel.logout.revoke.offline.tokens"] = "false";
        }
    }

    private static void CompleteSaml(ClientRepresentation client)
    {
        client.PublicClient ??= false;
        client.BearerOnly ??= false;
        client.StandardFlowEnabled ??= true;
        client.ImplicitFlowEnabled ??= false;
        client.DirectAccessGrantsEnabled ??= false;
        client.FrontchannelLogout ??= true;
        var attributes = client.Attributes!;
        attributes.TryAdd("saml.authnstatement", "true");
        attributes.TryAdd("saml.force.post.binding", "true");
        attributes.TryAdd("saml.server.signature", "true");
        attributes.TryAdd("saml.client.signature", "true");
        attributes.TryAdd("saml.signature.algorithm", "RSA_SHA256");
        attributes.TryAdd("saml.allow.ecp.flow", "false");
        attributes.TryAdd("saml_force_name_id_format", "false");
        attributes.TryAdd("saml_name_id_format", "username");
        attributes.TryAdd("saml_signature_canonicalization_method", "http://www.w3.org/2001/10/xml-exc-c14n#");

        attributes.TryAdd(ArtifactIdentifier, SourceId(client.ClientId!));

        // A client whose keys stand in its metadata gets none before it is said where that is.
        var keysElsewhere = string.Equals(attributes.GetValueOrDefault("saml.useMetadataDescriptorUrl"), "true", StringComparison.OrdinalIgnoreCase)
            && string.IsNullOrEmpty(attributes.GetValueOrDefault("saml.metadataDescriptorUrl"));
        if (attributes["saml.client.signature"] == "true" && string.IsNullOrEmpty(attributes.GetValueOrDefault("saml.signing.certificate")) && !keysElsewhere)
        {
            var (certificate, key) = ClientCertificates.Generate(client.ClientId!);
            (attributes["saml.signing.certificate"], attributes["saml.signing.private.key"]) = (certificate, key);
        }
    }

    /// <summary>SAML 2.0 bindings §3.6.4: the source id is the SHA-1 of the entity id, a name and no secret.</summary>
#pragma warning disable CA5350
    private static string SourceId(string entityId) => Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(entityId)));
#pragma warning restore CA5350

    /// <summary>The mappers that a list asks for, each in the place of the one of its name; those that it does not name go.</summary>
    private static List<ProtocolMapperRepresentation> Mappers(List<ProtocolMapperRepresentation> existing, List<ProtocolMapperRepresentation> given)
    {
        var mappers = new List<ProtocolMapperRepresentation>();
        foreach (var mapper in given)
        {
            var before = existing.Find(m => m.Name == mapper.Name && m.Protocol == mapper.Protocol);
            var changed = mapper.Copy(AdminJson.Default.ProtocolMapperRepresentation);
            changed.Id = before?.Id ?? (string.IsNullOrEmpty(mapper.Id) || existing.Exists(m => m.Id == mapper.Id) ? Ids.New() : mapper.Id);
            ProtocolMapperRoutes.Complete(changed);
            mappers.Add(changed);
        }

        return mappers;
    }

    /// <summary>A client gets the realm's scopes unless it names its own; only those of its protocol.</summary>
    private static void GiveScopes(Realm realm, ClientRepresentation client, ClientRepresentation given)
    {
        var own = given.DefaultClientScopes is not null || given.OptionalClientScopes is not null;
        var defaults = (own ? given.DefaultClientScopes : realm.Settings.DefaultDefaultClientScopes) ?? [];
        var optional = (own ? given.OptionalClientScopes : realm.Settings.DefaultOptionalClientScopes) ?? [];
        client.DefaultClientScopes = [.. defaults.Where(Fits).Distinct(StringComparer.Ordinal)];
        client.OptionalClientScopes = [.. optional.Where(Fits).Distinct(StringComparer.Ordinal).Except(client.DefaultClientScopes)];

        bool Fits(string name) => realm.FindScope(name) is { } scope && (scope.Representation.Protocol ?? "openid-connect") == client.Protocol;
    }

    private static Dictionary<string, string?> Merge(Dictionary<string, string?>? existing, Dictionary<string, string?>? given)
    {
        var merged = existing ?? [];
        foreach (var (name, value) in given ?? [])
        {
            if (string.IsNullOrEmpty(value))
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = value;
            }
        }

        return merged;
    }
}
