using System.Net.Http.Headers;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin;
using Castellan.Server.Admin.Realms;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Registration;

/// <summary>A form in which clients are registered and shown.</summary>
internal abstract class RegistrationForm
{
    /// <summary>Its path below the registrations.</summary>
    public abstract string Path { get; }

    /// <summary>Whether clients are only registered in this form, and look after themselves in another.</summary>
    public virtual bool OnlyRegisters => false;

    public abstract bool Takes(Client client);

    /// <summary>What a client gives is of no size that there is (RFC 7591 §3.2.2).</summary>
    protected static AdminAnswer Unfit(string why) => AdminAnswer.Error(400, "invalid_client_metadata", why);

    /// <summary>The settings that a body asks for.</summary>
    public abstract ValueTask<Read<ClientRepresentation>> ReadAsync(HttpContext http, long limit, Client? existing);

    /// <param name="realm">The realm as it is now.</param>
    /// <param name="token">The token by which the client looks after itself.</param>
    /// <param name="address">Where it does so.</param>
    /// <param name="issued">When it was registered, in seconds, if that was now.</param>
    public abstract AdminAnswer Show(Realm realm, Client client, string? token, string address, long? issued);
}

/// <summary>Client metadata (RFC 7591 §2).</summary>
internal sealed class MetadataForm : RegistrationForm
{
    private static readonly AdminAnswer s_invalid = AdminAnswer.Error(400, "invalid_client_metadata", "Client metadata invalid");

    public override string Path => "/openid-connect";

    public override bool Takes(Client client) => client.Protocol == "openid-connect";

    public override async ValueTask<Read<ClientRepresentation>> ReadAsync(HttpContext http, long limit, Client? existing)
    {
        if (!(await AdminJsonReader.ReadAsync(http.Request, RegistrationJson.Default.OIDCClientRepresentation, limit, http.RequestAborted, Unfit)).Ok(out var metadata, out var refusal))
        {
            return refusal;
        }

        if (existing is null && metadata.ClientId is not null)
        {
            return AdminAnswer.Error(400, "invalid_client_metadata", "Client Identifier included");
        }

        if (OidcMetadata.ToClient(metadata) is not { } client)
        {
            return s_invalid;
        }

        if (existing is not null)
        {
            // Only the scopes that may be asked for are the client's to say; and how it knows its people is one mapper of several.
            client.DefaultClientScopes = client.OptionalClientScopes is null ? null : existing.Representation.DefaultClientScopes;
            client.ProtocolMappers = OidcMetadata.WithSubject(existing.Representation.ProtocolMappers ?? [], client.ProtocolMappers is [var pairwise] ? pairwise : null);
        }

        return client;
    }

    public override AdminAnswer Show(Realm realm, Client client, string? token, string address, long? issued)
    {
        var shown = OidcMetadata.Show(client);
        (shown.RegistrationAccessToken, shown.RegistrationClientUri, shown.ClientIdIssuedAt) = (token, address, issued);
        return AdminAnswer.Json(shown, RegistrationJson.Default.OIDCClientRepresentation, issued is null ? 200 : 201, issued is null ? null : address);
    }
}

/// <summary>The administration's representation.</summary>
internal class RepresentationForm : RegistrationForm
{
    public override string Path => "/default";

    public override bool Takes(Client client) => true;

    public override async ValueTask<Read<ClientRepresentation>> ReadAsync(HttpContext http, long limit, Client? existing)
    {
        if (!(await AdminJsonReader.ReadAsync(http.Request, AdminJson.Default.ClientRepresentation, limit, http.RequestAborted, Unfit)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        // What a client is worth to the realm is not its own to say.
        (given.Id, given.RegistrationAccessToken, given.Access, given.Origin) = (null, null, null, null);
        return given;
    }

    public override AdminAnswer Show(Realm realm, Client client, string? token, string address, long? issued)
    {
        var shown = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        shown.SurrogateAuthRequired ??= false;
        shown.AlwaysDisplayInConsole ??= false;
        shown.AuthenticationFlowBindingOverrides ??= [];
        shown.ProtocolMappers = shown.ProtocolMappers is { Count: > 0 } mappers ? mappers : null;
        shown.DefaultRoles = DefaultRolesOfClient.Of(realm, client.Id);
        shown.AuthorizationSettings = null;
        shown.Secret = client.IsPublic ? null : shown.Secret;
        shown.RegistrationAccessToken = token;
        return AdminAnswer.Json(shown, AdminJson.Default.ClientRepresentation, issued is null ? 200 : 201, issued is null ? null : address);
    }
}

/// <summary>The metadata of a service provider of SAML (SAML 2.0 metadata §2.4.4), answered with the administration's representation.</summary>
internal sealed class DescriptorForm : RepresentationForm
{
    public override string Path => "/saml2-entity-descriptor";

    public override bool OnlyRegisters => true;

    public override async ValueTask<Read<ClientRepresentation>> ReadAsync(HttpContext http, long limit, Client? existing)
    {
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || type.MediaType != "application/xml")
        {
            return AdminAnswer.Error(415, "The content-type header value did not match the value in @Consumes");
        }

        if (!(await AdminJsonReader.ReadBytesAsync(http.Request, limit, http.RequestAborted)).Ok(out var xml, out var refusal))
        {
            return refusal;
        }

        return SamlDescription.Read(xml, out var problem) is { } client ? client : AdminAnswer.Error(400, problem);
    }

    /// <summary>Names of providers are addresses themselves, and stand in others as they are.</summary>
    public override AdminAnswer Show(Realm realm, Client client, string? token, string address, long? issued) =>
        base.Show(realm, client, token, address.Replace("%2F", "/", StringComparison.Ordinal), issued);
}
