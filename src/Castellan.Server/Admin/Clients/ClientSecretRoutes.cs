using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Clients;

/// <summary>The secret of a client, and the one before it while that still counts.</summary>
internal static class ClientSecretRoutes
{
    private const string Rotated = "client.secret.rotated";
    private const string RotatedCreation = "client.secret.rotated.creation.time";
    private const string RotatedExpiration = "client.secret.rotated.expiration.time";
    private static readonly AdminAnswer s_noRotated = AdminAnswer.NotFound("Client does not have a rotated secret");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("clients/{client}/client-secret", Permission.ViewClients, ClientRoutes.One((_, client) => new(Show(client.Representation.Secret)))),
        AdminRoute.Post("clients/{client}/client-secret", Permission.ManageClients, ClientRoutes.One(RenewAsync)),
        AdminRoute.Get("clients/{client}/client-secret/rotated", Permission.ViewClients, ClientRoutes.One((_, client) => new(client.Attribute(Rotated) is { } secret ? Show(secret) : s_noRotated))),
        AdminRoute.Delete("clients/{client}/client-secret/rotated", Permission.ManageClients, ClientRoutes.One(ForgetRotatedAsync)),
    ];

    private static AdminAnswer Show(string? secret) => AdminAnswer.Json(new CredentialRepresentation { Type = "secret", Value = secret }, AdminJson.Default.CredentialRepresentation);

    private static ValueTask RecordAsync(AdminContext context, string operation, string path) => context.RecordAsync(
        operation, "CLIENT", path, new CredentialRepresentation { Type = "secret", Value = Masks.Secret }, AdminJson.Default.CredentialRepresentation);

    private static async ValueTask<AdminAnswer> RenewAsync(AdminContext context, Client client)
    {
        var changed = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        ClientEdits.RenewSecret(changed, context.Now);
        await context.ApplyAsync(new PutClient(changed));
        await RecordAsync(context, "ACTION", $"clients/{client.Id}/client-secret");
        return Show(changed.Secret);
    }

    private static async ValueTask<AdminAnswer> ForgetRotatedAsync(AdminContext context, Client client)
    {
        if (client.Attribute(Rotated) is null)
        {
            return AdminAnswer.NoContent;
        }

        var changed = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        foreach (var attribute in (string[])[Rotated, RotatedCreation, RotatedExpiration])
        {
            changed.Attributes!.Remove(attribute);
        }

        await context.ApplyAsync(new PutClient(changed));
        await RecordAsync(context, "DELETE", $"clients/{client.Id}/client-secret/rotated");
        return AdminAnswer.NoContent;
    }
}
