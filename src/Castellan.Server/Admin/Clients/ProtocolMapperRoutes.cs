using Castellan.Core;
using Castellan.Core.Clients;
using Castellan.Core.Mappers;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin.Roles;
using Castellan.Server.Admin.ServerInfo;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin.Clients;

/// <summary>The protocol mappers of a client or of a client scope.</summary>
internal static class ProtocolMapperRoutes
{
    private static readonly AdminAnswer s_unknownMapper = AdminAnswer.NotFound("Model not found");
    private static readonly AdminAnswer s_unknownType = AdminAnswer.NotFound("ProtocolMapper provider not found");
    private static readonly AdminAnswer s_twins = AdminAnswer.Error(409, "conflict", "Protocol mapper name must be unique per protocol");
    private static readonly AdminAnswer s_exists = AdminAnswer.Message(409, "Protocol mapper exists with same name");

    /// <summary>Whose mappers these are, in a copy that may be changed, and the change that stores it.</summary>
    private sealed record Holder(List<ProtocolMapperRepresentation> Mappers, string Path, Func<List<ProtocolMapperRepresentation>, Change> Save)
    {
        public ClientRepresentation? Client { get; init; }
    }

    private delegate ValueTask<Read<Holder>> Find(AdminContext context);

    public static IEnumerable<AdminRoute> OfClients() => Under("clients/{client}/protocol-mappers", OfClientAsync, postNoCache: true);

    public static IEnumerable<AdminRoute> OfScopes() => Under("client-scopes/{scope}/protocol-mappers", OfScope, postNoCache: true);

    /// <summary>A mapper as it is kept: nothing of consent, which mappers no longer have, and no empty settings.</summary>
    public static void Complete(ProtocolMapperRepresentation mapper)
    {
        mapper.ConsentRequired = false;
        mapper.ConsentText = null;
        mapper.Config = mapper.Config?.Where(c => !string.IsNullOrEmpty(c.Value)).ToDictionary(StringComparer.Ordinal) ?? [];
    }

    /// <summary>The same for one that is made together with whose it is: there a switch for the userinfo answer is put to that for the ID token.</summary>
    public static void CompleteNew(ProtocolMapperRepresentation mapper)
    {
        mapper.Id = string.IsNullOrEmpty(mapper.Id) ? Ids.New() : mapper.Id;
        Complete(mapper);
        if (mapper.Config?.GetValueOrDefault("id.token.claim") is { } id)
        {
            mapper.Config.TryAdd("userinfo.token.claim", id);
        }
    }

    /// <summary>Whether two mappers of a list have one name, which no client and no scope can hold.</summary>
    public static bool HaveTwins(List<ProtocolMapperRepresentation>? mappers) => mappers?.DistinctBy(m => (m.Protocol, m.Name)).Count() < mappers?.Count;

    /// <summary>A mapper as it works, for whoever looks at it alone: with the switches that it does not have.</summary>
    private static ProtocolMapperRepresentation Effective(ProtocolMapperRepresentation mapper)
    {
        const string access = "access.token.claim", introspection = "introspection.token.claim", id = "id.token.claim", userInfo = "userinfo.token.claim";
        if (mapper.ProtocolMapper is "oidc-nonce-backwards-compatible-mapper" || Providers.FindMapper("openid-connect", mapper.ProtocolMapper) is null)
        {
            return mapper;
        }

        var copy = mapper.Copy(AdminJson.Default.ProtocolMapperRepresentation);
        var config = copy.Config ??= [];
        if (mapper.ProtocolMapper is "oidc-allowed-origins-mapper" or "oidc-audience-resolve-mapper")
        {
            // These two write where nothing is said against it, whatever is said of another place.
            config[access] = Text(config.GetValueOrDefault(access) is null or "true");
            config[introspection] = Text(config.GetValueOrDefault(introspection) is null or "true");
        }
        else if (mapper.ProtocolMapper == OrganizationMembershipMapper.Type)
        {
            OrganizationMembershipMapper.Complete(config);
        }
        else
        {
            Follow(id, userInfo);
            Follow(access, introspection);
        }

        return copy;

        void Follow(string token, string answer)
        {
            if (config.GetValueOrDefault(token) is { } inToken)
            {
                config[answer] = Text((config.GetValueOrDefault(answer) ?? inToken) == "true");
            }
        }

        static string Text(bool value) => value ? "true" : "false";
    }

    private static IEnumerable<AdminRoute> Under(string path, Find find, bool postNoCache)
    {
        var (view, manage) = (Permission.ViewClients, Permission.ManageClients);
        yield return AdminRoute.Get(path + "/models", view, With(find, (_, holder) => new(List(holder.Mappers))));
        yield return AdminRoute.Post(path + "/models", manage, With(find, CreateAsync), noCache: postNoCache);
        yield return AdminRoute.Get(path + "/models/{mapper}", view, With(find, (c, holder) => new(One(Mapper(c, holder)))));
        yield return AdminRoute.Put(path + "/models/{mapper}", manage, With(find, UpdateAsync), noCache: true);
        yield return AdminRoute.Delete(path + "/models/{mapper}", manage, With(find, DeleteAsync), noCache: true);
        yield return AdminRoute.Post(path + "/add-models", manage, With(find, AddAllAsync), noCache: true);
        yield return AdminRoute.Get(path + "/protocol/{protocol}", view, With(find, (c, holder) => new(List(holder.Mappers.Where(m => m.Protocol == c.Route("protocol"))))));
    }

    private static async ValueTask<Read<Holder>> OfClientAsync(AdminContext context)
    {
        if (!(await context.FindClientAsync()).Ok(out var client, out var refusal))
        {
            return refusal;
        }

        var copy = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        return new Holder(copy.ProtocolMappers ?? [], $"clients/{client.Id}", mappers =>
        {
            copy.ProtocolMappers = mappers;
            return new PutClient(copy);
        })
        { Client = copy };
    }

    private static ValueTask<Read<Holder>> OfScope(AdminContext context)
    {
        if (context.Realm.FindScopeById(context.Route("scope")) is not { } scope)
        {
            return new(AdminAnswer.NotFound("Could not find client scope"));
        }

        var copy = scope.Representation.Copy(AdminJson.Default.ClientScopeRepresentation);
        return new(new Holder(copy.ProtocolMappers ?? [], $"client-scopes/{scope.Id}", mappers =>
        {
            copy.ProtocolMappers = mappers;
            return new PutPart(PartKind.ClientScope, copy.Id!, copy.Name, copy);
        }));
    }

    private static AdminHandler With(Find find, Func<AdminContext, Holder, ValueTask<AdminAnswer>> then) => async context =>
        (await find(context)).Ok(out var holder, out var refusal) ? await then(context, holder) : refusal;

    private static AdminAnswer List(IEnumerable<ProtocolMapperRepresentation> mappers) =>
        AdminAnswer.Json([.. mappers.Where(m => Providers.FindMapper(m.ProtocolMapper) is not null).Select(Effective)], AdminJson.Default.ListProtocolMapperRepresentation);

    private static AdminAnswer One(ProtocolMapperRepresentation? mapper) => mapper is null ? s_unknownMapper
        : Providers.FindMapper(mapper.ProtocolMapper) is null ? AdminAnswer.NotFound("Protocol mapper provider not found")
        : AdminAnswer.Json(Effective(mapper), AdminJson.Default.ProtocolMapperRepresentation);

    private static ProtocolMapperRepresentation? Mapper(AdminContext context, Holder holder) => holder.Mappers.Find(m => m.Id == context.Route("mapper"));

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context, Holder holder)
    {
        if (!(await context.ReadAsync(AdminJson.Default.ProtocolMapperRepresentation)).Ok(out var given, out var refusal)
            || Refuse(holder, given) is { } bad && (refusal = bad) is not null)
        {
            return refusal;
        }

        if (await CompleteAsync(context, holder, given) is { } unfit)
        {
            return unfit;
        }

        var sent = AdminEvents.Text(Sent(given), AdminJson.Default.ProtocolMapperRepresentation);
        given.Id = string.IsNullOrEmpty(given.Id) ? Ids.New() : given.Id;
        Complete(given);
        await context.ApplyAsync(holder.Save([.. holder.Mappers, given]));
        await context.RecordAsync("CREATE", "PROTOCOL_MAPPER", $"{holder.Path}/protocol-mappers/models/{given.Id}", sent);
        return AdminAnswer.Created(context.AddressBelow(given.Id));
    }

    private static async ValueTask<AdminAnswer> AddAllAsync(AdminContext context, Holder holder)
    {
        if (!(await context.ReadAsync(AdminJson.Default.ListProtocolMapperRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var sent = AdminEvents.Text(given, AdminJson.Default.ListProtocolMapperRepresentation);
        var all = holder.Mappers.ToList();
        foreach (var mapper in given)
        {
            if (Refuse(holder with { Mappers = all }, mapper) is { } bad)
            {
                // Nobody says here which of them it is.
                return bad == s_exists ? s_twins : bad;
            }

            if (await CompleteAsync(context, holder, mapper) is { } unfit)
            {
                return unfit;
            }

            mapper.Id = string.IsNullOrEmpty(mapper.Id) ? Ids.New() : mapper.Id;
            Complete(mapper);
            all.Add(mapper);
        }

        await context.ApplyAsync(holder.Save(all));
        await context.RecordAsync("CREATE", "PROTOCOL_MAPPER", $"{holder.Path}/protocol-mappers/add-models", sent);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> UpdateAsync(AdminContext context, Holder holder)
    {
        if (Mapper(context, holder) is not { } existing)
        {
            return s_unknownMapper;
        }

        if (!(await context.ReadAsync(AdminJson.Default.ProtocolMapperRepresentation)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (Providers.FindMapper(given.ProtocolMapper) is null)
        {
            return s_unknownType;
        }

        if (await CompleteAsync(context, holder, given) is { } unfit)
        {
            return unfit;
        }

        var sent = AdminEvents.Text(Sent(given), AdminJson.Default.ProtocolMapperRepresentation);
        // The name and the protocol of a mapper stay what they are.
        (given.Id, given.Name, given.Protocol) = (existing.Id, existing.Name, existing.Protocol);
        Complete(given);
        await context.ApplyAsync(holder.Save([.. holder.Mappers.Select(m => m.Id == existing.Id ? given : m)]));
        await context.RecordAsync("UPDATE", "PROTOCOL_MAPPER", $"{holder.Path}/protocol-mappers/models/{existing.Id}", sent);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, Holder holder)
    {
        if (Mapper(context, holder) is not { } existing)
        {
            return s_unknownMapper;
        }

        await context.ApplyAsync(holder.Save([.. holder.Mappers.Where(m => m.Id != existing.Id)]));
        await context.RecordAsync("DELETE", "PROTOCOL_MAPPER", $"{holder.Path}/protocol-mappers/models/{existing.Id}");
        return AdminAnswer.NoContent;
    }

    /// <summary>What the type of mapper itself checks and fills in.</summary>
    private static async ValueTask<AdminAnswer?> CompleteAsync(AdminContext context, Holder holder, ProtocolMapperRepresentation mapper) =>
        await context.Http.RequestServices.GetRequiredService<MapperCompletion>().CompleteAsync(mapper, holder.Client, context.Aborted) is { } error
            ? AdminAnswer.Error(error.Status, error.Code, error.Description)
            : null;

    private static ProtocolMapperRepresentation Sent(ProtocolMapperRepresentation given)
    {
        given.ConsentRequired ??= false;
        return given;
    }

    private static AdminAnswer? Refuse(Holder holder, ProtocolMapperRepresentation given)
    {
        if (given.Name is null)
        {
            return AdminAnswer.Message(400, "Protocol mapper name is missing");
        }

        if (given.Protocol is null || Providers.FindMapper(given.ProtocolMapper) is null)
        {
            return s_unknownType;
        }

        return holder.Mappers.Any(m => m.Name == given.Name && m.Protocol == given.Protocol) ? s_exists : null;
    }
}
