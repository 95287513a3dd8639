using System.Text;
using System.Text.Json;
using System.Xml;
using Castellan.Core.Clients;
using Castellan.Core.Representations;
using Castellan.Core.Saml.Responses;
using Castellan.Core.Tokens;
using Castellan.Protocol.Jose;
using Castellan.Server.Admin.Roles;
using Castellan.Server.Http;

namespace Castellan.Server.Admin.Clients;

/// <summary>A mapper that takes part in a token, and where it comes from.</summary>
internal sealed class MapperEvaluation
{
    public string? MapperId { get; set; }

    public string? MapperName { get; set; }

    public string? ContainerId { get; set; }

    public string? ContainerName { get; set; }

    public string? ContainerType { get; set; }

    public string? ProtocolMapper { get; set; }
}

/// <summary>What a client would get for a scope and a user, without anybody signing in.</summary>
internal static class EvaluateRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("clients/{client}/evaluate-scopes/protocol-mappers", Permission.ViewClients, ClientRoutes.One(Mappers)),
        AdminRoute.Get("clients/{client}/evaluate-scopes/generate-example-access-token", Permission.ViewClients, ClientRoutes.One((c, client) => TokenAsync(c, client, TokenKinds.Access))),
        AdminRoute.Get("clients/{client}/evaluate-scopes/generate-example-id-token", Permission.ViewClients, ClientRoutes.One((c, client) => TokenAsync(c, client, TokenKinds.Id))),
        AdminRoute.Get("clients/{client}/evaluate-scopes/generate-example-saml-response", Permission.ViewClients, ClientRoutes.One(SamlResponseAsync)),
        AdminRoute.Get("clients/{client}/evaluate-scopes/generate-example-userinfo", Permission.ViewClients, ClientRoutes.One(UserInfoAsync)),
        AdminRoute.Get("clients/{client}/evaluate-scopes/scope-mappings/{container}/granted", Permission.ViewClients, ClientRoutes.One((c, client) => Roles(c, client, granted: true))),
        AdminRoute.Get("clients/{client}/evaluate-scopes/scope-mappings/{container}/not-granted", Permission.ViewClients, ClientRoutes.One((c, client) => Roles(c, client, granted: false))),
    ];

    private static ValueTask<AdminAnswer> Mappers(AdminContext context, Client client)
    {
        var found = Own(client.Representation.ProtocolMappers).Select(m => Show(m, client.Id, "", "client"));

        // A SAML client has no scope parameter: its default scopes count, and they alone.
        foreach (var scope in client.Protocol == "saml" ? client.DefaultScopes : Scopes.Restore(client, context.Query("scope")).Active)
        {
            found = found.Concat(Own(scope.Representation.ProtocolMappers).Select(m => Show(m, scope.Id, scope.Name, "client-scope")));
        }

        return new(AdminAnswer.Json([.. found], AdminApiJson.Default.ListMapperEvaluation));

        IEnumerable<ProtocolMapperRepresentation> Own(List<ProtocolMapperRepresentation>? mappers) => (mappers ?? []).Where(m => m.Protocol == client.Protocol);

        static MapperEvaluation Show(ProtocolMapperRepresentation mapper, string id, string name, string type) =>
            new() { MapperId = mapper.Id, MapperName = mapper.Name, ContainerId = id, ContainerName = name, ContainerType = type, ProtocolMapper = mapper.ProtocolMapper };
    }

    private static async ValueTask<AdminAnswer> TokenAsync(AdminContext context, Client client, TokenKinds kind)
    {
        if (!(await GrantAsync(context, client)).Ok(out var grant, out var refusal))
        {
            return refusal;
        }

        if (!(await context.Service<TokenIssuer>().IssueAsync(grant, kind, ct: context.Aborted)).Ok(out var issued, out var error))
        {
            return AdminAnswer.Error(error.Status, error.Code, error.Description);
        }

        if (grant.Audience?.Except(issued.Audience).ToList() is { Count: > 0 } missing)
        {
            return AdminAnswer.NotFound($"Requested audience not available: {string.Join(", ", missing)}");
        }

        if (Jws.TryParse(kind == TokenKinds.Access ? issued.AccessToken : issued.IdToken, out var jws) != JoseFault.None)
        {
            return AdminAnswer.Error(400, "invalid_request", "The token is encrypted or there is none");
        }

        using var claims = JsonDocument.Parse(jws!.Payload);
        return AdminAnswer.Json(claims.RootElement.Clone(), AdminApiJson.Default.JsonElement);
    }

    /// <summary>The response as a JSON text, laid out for people; it is not signed and not encrypted, and so of no use to anybody.</summary>
    private static async ValueTask<AdminAnswer> SamlResponseAsync(AdminContext context, Client client)
    {
        if (!(await GrantAsync(context, client)).Ok(out var grant, out var refusal))
        {
            return refusal;
        }

        var written = await context.Service<SamlResponses>().ExampleAsync(new()
        {
            Realm = context.Realm, Client = client, User = grant.User, Session = grant.Session, ClientSession = grant.ClientSession, Issuer = grant.Issuer, Destination = client.Representation.BaseUrl ?? "",
        }, context.Aborted);
        if (!written.Ok(out var response, out var error))
        {
            return AdminAnswer.Error(400, "invalid_request", $"The response cannot be written: {error.Code}");
        }

        using var stream = new MemoryStream();
        using (var xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, OmitXmlDeclaration = true }))
        {
            response.Save(xml);
        }

        using var json = JsonDocument.Parse('"' + JsonEncodedText.Encode(stream.GetBuffer().AsSpan(0, (int)stream.Length)).ToString() + '"');
        return AdminAnswer.Json(json.RootElement.Clone(), AdminApiJson.Default.JsonElement);
    }

    private static async ValueTask<AdminAnswer> UserInfoAsync(AdminContext context, Client client)
    {
        if (!(await GrantAsync(context, client)).Ok(out var grant, out var refusal))
        {
            return refusal;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            context.Service<TokenIssuer>().UserInfo(await context.Service<Core.Organizations.OrganizationMemberships>().CompleteAsync(grant, context.Aborted)).WriteTo(writer);
        }

        return AdminAnswer.Text(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length), "application/json;charset=UTF-8");
    }

    /// <summary>A grant as after a sign-in just now; its session exists for this answer only.</summary>
    private static async ValueTask<Read<Grant>> GrantAsync(AdminContext context, Client client)
    {
        if (context.Query("userId") is not { } id)
        {
            return AdminAnswer.NotFound("No userId provided");
        }

        if (await context.Users.FindAsync(context.Realm.Id, id, context.Aborted) is not { } user)
        {
            return AdminAnswer.NotFound("No user found");
        }

        if (!context.Rights.On(user, "view"))
        {
            return AdminAnswer.Forbidden;
        }

        var session = AccessTokens.Transient(context.Realm, client, user, context.Now);
        return new Grant
        {
            Realm = context.Realm,
            Client = client,
            User = user,
            Session = session,
            ClientSession = session.Clients[0],
            Kind = SessionKind.Online,
            Scopes = Scopes.Restore(client, context.Query("scope")).For(GrantedRoles.Of(context.Realm, user)),
            Issuer = context.Service<ServerUrls>().Issuer(context.Http, context.Realm),
            Audience = await AudienceAsync(context),
            GrantCode = "na",
        };
    }

    /// <summary>The clients that the token is asked to be for, those of them that there are; null when none is asked for.</summary>
    private static async ValueTask<IReadOnlyList<string>?> AudienceAsync(AdminContext context)
    {
        var asked = new List<string>();
        foreach (var name in (context.Query("audience") ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (await context.Clients.FindAsync(context.Realm, name, context.Aborted) is { } client)
            {
                asked.Add(client.ClientId);
            }
        }

        return asked.Count > 0 ? asked : null;
    }

    /// <summary>The roles of the realm (named) or of a client (by id) that a token may carry, or may not.</summary>
    private static async ValueTask<AdminAnswer> Roles(AdminContext context, Client client, bool granted)
    {
        var container = context.Route("container");
        var owner = container == context.Realm.Name ? null : await context.Clients.FindByIdAsync(context.Realm, container, context.Aborted);
        if (owner is null && container != context.Realm.Name)
        {
            return AdminAnswer.NotFound("Role Container not found");
        }

        var all = context.Realm.RolesOf(owner?.Id);
        var within = GrantedRoles.Within(context.Realm, client, Scopes.Restore(client, context.Query("scope")), all.ToHashSet());
        return AdminAnswer.Json(context.Realm.Show(all.Where(r => within.Contains(r) == granted)), AdminJson.Default.ListRoleRepresentation);
    }
}
