using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Login.Actions;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin;

namespace Castellan.Server.Account;

/// <summary>How a person proves who they are: what they have set up, its labels, and its removal.</summary>
internal static class CredentialRoutes
{
    private const int MaxLabel = 255;

    /// <summary>The kinds that the account shows, and when: a kind without its action or its step in the realm is not offered.</summary>
    private static readonly Kind[] s_kinds =
    [
        new("password", "basic-authentication", "kcAuthenticatorPasswordClass", "UPDATE_PASSWORD", "UPDATE_PASSWORD", Removeable: false, ["auth-username-password-form", "auth-password-form", "direct-grant-validate-password"]),
        new("otp", "two-factor", "kcAuthenticatorOTPClass", "CONFIGURE_TOTP", null, Removeable: true, ["auth-otp-form", "direct-grant-validate-otp", "reset-otp"]),
        new("webauthn", "two-factor", "kcAuthenticatorWebAuthnClass", "webauthn-register", null, Removeable: true, ["webauthn-authenticator"]),
        new("webauthn-passwordless", "passwordless", "kcAuthenticatorWebAuthnPasswordlessClass", "webauthn-register-passwordless", null, Removeable: true, ["webauthn-authenticator-passwordless"]),
        new("recovery-authn-codes", "two-factor", "kcAuthenticatorRecoveryAuthnCodesClass", "CONFIGURE_RECOVERY_AUTHN_CODES", null, Removeable: true, ["auth-recovery-authn-code-form"]),
    ];

    public static IReadOnlyList<AccountRoute> All { get; } =
    [
        AccountRoute.View("/credentials", ListAsync),
        AccountRoute.Manage("DELETE", "/credentials/{id}", DeleteAsync),
        AccountRoute.Manage("PUT", "/credentials/{id}/label", LabelAsync),
    ];

    private static async ValueTask<AdminAnswer> ListAsync(AccountContext context)
    {
        var all = await StoredAsync(context);
        var type = context.Query("type");
        var withOwn = context.Query("user-credentials") != "false";
        var shown = s_kinds
            .Where(k => (type is null || k.Type == type) && k.IsOffered(context.Realm))
            .Select(k => new CredentialKind(
                k.Type, k.Category, k.Type + "-display-name", k.Type + "-help-text", k.Icon,
                k.Create is { } create && IsEnabled(context.Realm, create) && (k.MayBeSeveral || !IsSetUp(k)) ? create : null,
                k.Update is { } update && IsEnabled(context.Realm, update) && IsSetUp(k) ? update : null,
                k.Removeable,
                withOwn ? [.. all.Where(c => c.Type == k.Type).Select(c => new CredentialEntry(Show(c)))] : null))
            // Where nothing is set up and nothing can be, there is nothing to show.
            .Where(k => k.UserCredentialMetadatas is not { Count: 0 } || k.CreateAction is not null || k.UpdateAction is not null);
        return AdminAnswer.Json([.. shown], AccountJson.Default.ListCredentialKind);

        // The password of somebody from a directory is there, unseen.
        bool IsSetUp(Kind kind) => all.Exists(c => c.Type == kind.Type) || (kind.Type == "password" && context.User.Representation.FederationLink is not null);
    }

    private static async ValueTask<AdminAnswer> DeleteAsync(AccountContext context)
    {
        if (Find(context, await StoredAsync(context)) is not { } credential)
        {
            return AdminAnswer.NotFound("Credential not found");
        }

        if (Array.Find(s_kinds, k => k.Type == credential.Type) is not { Removeable: true })
        {
            return AdminAnswer.Error(400, "Credential type cannot be removed");
        }

        if (Flows.Of(context.Realm).Browser(context.Caller.Client) is { } flow && CredentialLevels.Of(flow).TryGetValue(credential.Type!, out var level) && context.Caller.Level < level)
        {
            return AdminAnswer.Error(403, $"Insufficient level of authentication for removing credential of type '{credential.Type}'.");
        }

        await context.ApplyAsync(new DeleteCredential(context.User.Id, credential.Id!));
        foreach (var type in credential.Type == "otp" ? new[] { EventTypes.RemoveTotp, EventTypes.RemoveCredential } : [EventTypes.RemoveCredential])
        {
            await context.RecordAsync(new LoginEvent { Type = type }
                .With("credential_type", credential.Type).With("selected_credential_id", credential.Id).With("credential_user_label", credential.UserLabel));
        }

        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> LabelAsync(AccountContext context)
    {
        if (context.Http.Request.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) != true)
        {
            return AdminAnswer.Error(415, "The content-type header value did not match the value in @Consumes");
        }

        var stored = await StoredAsync(context);
        if (Find(context, stored) is not { } credential)
        {
            return AdminAnswer.NotFound("Credential not found");
        }

        if (!(await context.ReadAsync(AccountJson.Default.String)).Ok(out var label, out _))
        {
            return AdminAnswer.Message(400, "invalidRequestMessage");
        }

        if (string.IsNullOrWhiteSpace(label))
        {
            return AdminAnswer.Error(400, "missingCredentialLabel", "Credential label must not be empty");
        }

        if (label.Length > MaxLabel)
        {
            return AdminAnswer.Error(400, $"A label has at most {MaxLabel} characters");
        }

        if (CredentialNames.IsTaken(stored.Where(c => c.Id != credential.Id && c.Type == credential.Type), label))
        {
            return AdminAnswer.Message(409, CredentialNames.Taken);
        }

        credential.UserLabel = label;
        await context.ApplyAsync(new PutCredential(context.User.Id, credential));
        return AdminAnswer.NoContent;
    }

    private static ValueTask<List<CredentialRepresentation>> StoredAsync(AccountContext context) =>
        context.Users.CredentialsAsync(context.Realm.Id, context.User.Id, context.Aborted);

    private static CredentialRepresentation? Find(AccountContext context, List<CredentialRepresentation> stored) => stored.Find(c => c.Id == context.Route("id"));

    /// <summary>Everything but the secret.</summary>
    private static CredentialRepresentation Show(CredentialRepresentation credential) => new()
    {
        Id = credential.Id, Type = credential.Type, UserLabel = credential.UserLabel, CreatedDate = credential.CreatedDate, CredentialData = credential.CredentialData,
    };

    private static bool IsEnabled(Realm realm, string action) => realm.Data.RequiredActions.Any(a => a.Alias == action && a.Enabled == true);

    private sealed record Kind(string Type, string Category, string Icon, string? Create, string? Update, bool Removeable, string[] Steps)
    {
        public bool MayBeSeveral => Type is not ("password" or "recovery-authn-codes");

        /// <summary>Whether some step of the realm's flows asks for it that is not switched off, nor a flow above it.</summary>
        public bool IsOffered(Realm realm)
        {
            var off = new HashSet<string>(StringComparer.Ordinal);
            var steps = realm.Data.Flows.SelectMany(f => (f.AuthenticationExecutions ?? []).Select(e => (Flow: f.Alias!, Step: e))).ToList();
            while (steps.Exists(s => s.Step.FlowAlias is { } below && (s.Step.Requirement == "DISABLED" || off.Contains(s.Flow)) && off.Add(below)))
            {
                // One more that is off, and with it perhaps others below.
            }

            return steps.Exists(s => !off.Contains(s.Flow) && Steps.Contains(s.Step.Authenticator) && s.Step.Requirement != "DISABLED");
        }
    }
}
