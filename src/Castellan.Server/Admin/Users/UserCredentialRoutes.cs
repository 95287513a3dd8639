using Castellan.Core.Credentials;
using Castellan.Core.Login.Actions;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Server.Admin.Users;

/// <summary>What a user signs in with.</summary>
internal static class UserCredentialRoutes
{
    private const int MaxLabel = 255;
    private static readonly AdminAnswer s_unknown = AdminAnswer.NotFound("Credential not found");

    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("users/{user}/credentials", Permission.ViewUsers, UserRoutes.One(ListAsync)),
        AdminRoute.Delete("users/{user}/credentials/{credential}", Permission.ManageUsers, UserRoutes.One(DeleteAsync), noCache: true),
        AdminRoute.Put("users/{user}/credentials/{credential}/userLabel", Permission.ManageUsers, UserRoutes.One(LabelAsync)),
        AdminRoute.Post("users/{user}/credentials/{credential}/moveToFirst", Permission.ManageUsers, UserRoutes.One((c, u) => MoveAsync(c, u, null))),
        AdminRoute.Post("users/{user}/credentials/{credential}/moveAfter/{previous}", Permission.ManageUsers, UserRoutes.One((c, u) => MoveAsync(c, u, c.Route("previous")))),
        AdminRoute.Put("users/{user}/reset-password", Permission.ManageUsers, UserRoutes.One(UserWrites.ResetPasswordAsync)),
        AdminRoute.Put("users/{user}/disable-credential-types", Permission.ManageUsers, UserRoutes.One(DisableAsync)),
        AdminRoute.Get("users/{user}/configured-user-storage-credential-types", Permission.ViewUsers, UserRoutes.One((_, user) =>
            new(AdminAnswer.Json(user.Federated is { IsEnabled: true } ? [Passwords.Type] : [], AdminJson.Default.ListString)))),
    ];

    private static async ValueTask<AdminAnswer> ListAsync(AdminContext context, User user) =>
        AdminAnswer.Json([.. (await StoredAsync(context, user)).Select(CredentialForms.ToShown)], AdminJson.Default.ListCredentialRepresentation);

    private static async ValueTask<AdminAnswer> DeleteAsync(AdminContext context, User user)
    {
        if ((await StoredAsync(context, user)).Find(c => c.Id == context.Route("credential")) is not { } credential)
        {
            return s_unknown;
        }

        await context.ApplyAsync(new DeleteCredential(user.Id, credential.Id!));
        var details = new Dictionary<string, string>(StringComparer.Ordinal) { ["credential_id"] = credential.Id!, ["credential_type"] = credential.Type ?? "" };
        if (credential.UserLabel is { } label)
        {
            details["credential_user_label"] = label;
        }

        await context.RecordAsync("ACTION", "USER", $"users/{user.Id}/credentials/{credential.Id}", details: details);
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> LabelAsync(AdminContext context, User user)
    {
        if (!(await context.ReadBytesAsync()).Ok(out var body, out var refusal))
        {
            return refusal;
        }

        var label = System.Text.Encoding.UTF8.GetString(body);
        var stored = await StoredAsync(context, user);
        if (stored.Find(c => c.Id == context.Route("credential")) is not { } credential)
        {
            return s_unknown;
        }

        if (string.IsNullOrWhiteSpace(label))
        {
            return AdminAnswer.Error(400, "missingCredentialLabel", "Credential label must not be empty");
        }

        if (label.Length > MaxLabel)
        {
            return AdminAnswer.Message(400, "The label is too long");
        }

        if (CredentialNames.IsTaken(stored.Where(c => c.Id != credential.Id && c.Type == credential.Type), label))
        {
            return AdminAnswer.Message(409, CredentialNames.Taken);
        }

        await context.ApplyAsync(new PutCredential(user.Id, With(credential, label, credential.Priority)));
        return AdminAnswer.NoContent;
    }

    /// <summary>Puts a credential behind another, or in front of all: the order in which they are offered at sign-in.</summary>
    private static async ValueTask<AdminAnswer> MoveAsync(AdminContext context, User user, string? previous)
    {
        var stored = await StoredAsync(context, user);
        if (stored.Find(c => c.Id == context.Route("credential")) is not { } credential || (previous is not null && !stored.Exists(c => c.Id == previous)))
        {
            return s_unknown;
        }

        if (previous != credential.Id)
        {
            stored.Remove(credential);
            stored.Insert(previous is null ? 0 : stored.FindIndex(c => c.Id == previous) + 1, credential);
            await context.ApplyAsync(stored.Select((c, i) => new PutCredential(user.Id, With(c, c.UserLabel, (i + 1) * 10))));
            var operation = previous is null ? "moveToFirst" : $"moveAfter/{previous}";
            await context.RecordAsync("ACTION", "USER", $"users/{user.Id}/credentials/{credential.Id}/{operation}");
        }

        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> DisableAsync(AdminContext context, User user)
    {
        if (!(await context.ReadAsync(AdminJson.Default.ListString)).Ok(out _, out var refusal))
        {
            return refusal;
        }

        // No credential of ours can be disabled; the representation of the user says so (disableableCredentialTypes).
        await context.RecordAsync("ACTION", "USER", $"users/{user.Id}/disable-credential-types");
        return AdminAnswer.NoContent;
    }

    private static ValueTask<List<CredentialRepresentation>> StoredAsync(AdminContext context, User user) =>
        context.Users.CredentialsAsync(context.Realm.Id, user.Id, context.Aborted);

    private static CredentialRepresentation With(CredentialRepresentation stored, string? label, int? priority) => new()
    {
        Id = stored.Id, Type = stored.Type, UserLabel = label, CreatedDate = stored.CreatedDate, SecretData = stored.SecretData,
        CredentialData = stored.CredentialData, Priority = priority, FederationLink = stored.FederationLink,
    };
}
