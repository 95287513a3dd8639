using Castellan.Core;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Http;
using Castellan.Server.Registration;

namespace Castellan.Server.Admin.Clients;

/// <summary>A leave to register clients as it is asked for.</summary>
internal sealed class ClientInitialAccessCreate
{
    public int? Expiration { get; set; }

    public int? Count { get; set; }

    public List<string>? WebOrigins { get; set; }
}

/// <summary>A leave to register clients as it is shown; the token only when it is made.</summary>
internal sealed class ClientInitialAccess
{
    public string? Id { get; set; }

    public string? Token { get; set; }

    public long? Timestamp { get; set; }

    public int? Expiration { get; set; }

    public int? Count { get; set; }

    public int? RemainingCount { get; set; }
}

/// <summary>Tokens for the registration of clients: those that let one register, and those that let a registered client be changed.</summary>
internal static class RegistrationTokenRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Post("clients/{client}/registration-access-token", Permission.ManageClients, ClientRoutes.One(RenewAsync)),
        AdminRoute.Get("clients-initial-access", Permission.ViewClients, List, noCache: false),
        AdminRoute.Post("clients-initial-access", Permission.CreateClients, CreateAsync),
        AdminRoute.Delete("clients-initial-access/{id}", Permission.ManageClients, DeleteAsync),
    ];

    private static async ValueTask<AdminAnswer> RenewAsync(AdminContext context, Client client)
    {
        // The client keeps the name of the one token that counts; an earlier one is of no use from here on.
        var id = Ids.New();
        var changed = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        changed.RegistrationAccessToken = id;
        await context.ApplyAsync(new PutClient(changed));
        var shown = context.Show(client, access: false);
        shown.RegistrationAccessToken = await SignAsync(context, id, RegistrationTokens.RegistrationAccess, 0, registration: "authenticated");
        await context.RecordAsync("ACTION", "CLIENT", $"clients/{client.Id}/registration-access-token");
        return AdminAnswer.Json(shown, AdminJson.Default.ClientRepresentation);
    }

    private static ValueTask<AdminAnswer> List(AdminContext context) => new(AdminAnswer.Json([.. InitialAccess.Of(context.Realm).Select(Show)], AdminApiJson.Default.ListClientInitialAccess));

    private static async ValueTask<AdminAnswer> CreateAsync(AdminContext context)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.ClientInitialAccessCreate)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given.Expiration < 0)
        {
            return AdminAnswer.Error(400, "Invalid value for expiration", "The expiration time interval cannot be less than 0");
        }

        if (given.Count < 0)
        {
            return AdminAnswer.Error(400, "Invalid value for count", "The count cannot be less than 0");
        }

        var now = context.Now / 1000;
        var access = new InitialAccess(Ids.New(), given.Count ?? 1, given.Count ?? 1, given.Expiration ?? 0, now, given.WebOrigins ?? []);
        await context.ApplyAsync(Put(context, access));
        var shown = Show(access);
        shown.Token = await SignAsync(context, access.Id, RegistrationTokens.InitialAccess, access.Expiration == 0 ? 0 : now + access.Expiration, registration: null);
        await context.RecordAsync("CREATE", "CLIENT_INITIAL_ACCESS_MODEL", $"clients-initial-access/{access.Id}", given, AdminApiJson.Default.ClientInitialAccessCreate);
        return AdminAnswer.Json(shown, AdminApiJson.Default.ClientInitialAccess, 201, context.AddressBelow(access.Id));
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context)
    {
        if (InitialAccess.Find(context.Realm, context.Route("id")) is { } access)
        {
            await context.ApplyAsync(new DeletePart(PartKind.Component, access.Id));
        }

        await context.RecordAsync("DELETE", "CLIENT_INITIAL_ACCESS_MODEL", $"clients-initial-access/{context.Route("id")}");
        return AdminAnswer.NoContent;
    }

    private static PutPart Put(AdminContext context, InitialAccess access) => new(PartKind.Component, access.Id, null, access.ToComponent(context.Realm.Id));

    private static ClientInitialAccess Show(InitialAccess access) => new()
    {
        Id = access.Id, Timestamp = access.Created, Expiration = access.Expiration, Count = access.Count, RemainingCount = access.Remaining,
    };

    private static ValueTask<string> SignAsync(AdminContext context, string id, string type, long expires, string? registration) => context.Service<RegistrationTokens>().SignAsync(
        context.Realm, context.Service<ServerUrls>().Issuer(context.Http, context.Realm), id, type, expires, registration, ct: context.Aborted);
}
