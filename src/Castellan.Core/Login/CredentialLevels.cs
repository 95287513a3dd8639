using Castellan.Core.Credentials.WebAuthn;

namespace Castellan.Core.Login;

/// <summary>
/// At which level of authentication a flow asks for each type of credential. Whoever changes their credentials must have come as high as the
/// credential itself leads: else a password alone, or a session of one, would take the second factor away or add one to it.
/// </summary>
public static class CredentialLevels
{
    private static readonly Dictionary<string, string> s_ofSteps = new(StringComparer.Ordinal)
    {
        ["auth-username-password-form"] = "password", ["auth-password-form"] = "password", ["auth-otp-form"] = "otp", ["auth-conditional-otp-form"] = "otp",
        ["webauthn-authenticator"] = WebAuthnCredential.SecondFactorType, ["webauthn-authenticator-passwordless"] = WebAuthnCredential.PasswordlessType,
        ["auth-recovery-authn-code-form"] = "recovery-authn-codes",
    };

    private static readonly Dictionary<string, string> s_ofActions = new(StringComparer.Ordinal)
    {
        ["UPDATE_PASSWORD"] = "password", ["CONFIGURE_TOTP"] = "otp", ["webauthn-register"] = WebAuthnCredential.SecondFactorType,
        ["webauthn-register-passwordless"] = WebAuthnCredential.PasswordlessType, ["CONFIGURE_RECOVERY_AUTHN_CODES"] = "recovery-authn-codes",
    };

    /// <summary>The levels by type of credential; empty for a flow without levels.</summary>
    public static IReadOnlyDictionary<string, int> Of(Flow flow)
    {
        var levels = new Dictionary<string, int>(StringComparer.Ordinal);
        Collect(flow, null, levels);
        return levels;
    }

    /// <summary>The level that the action which the application asks for wants of the person who is known; <see cref="Levels.None"/> for none.</summary>
    public static async ValueTask<int> OfActionAsync(LoginContext context)
    {
        if (context.User is not { } user || RequiredActions.AskedFor(context) is not { } asked || Flows.Of(context.Realm).Browser(context.Client) is not { } flow
            || Of(flow) is not { Count: > 0 } levels)
        {
            return Levels.None;
        }

        var own = await context.Services.CredentialsAsync(context.Realm, user, context.Ct);
        if (asked.Alias == "delete_credential")
        {
            return own.Find(c => c.Id == asked.Parameter)?.Type is { } gone ? levels.GetValueOrDefault(gone, Levels.None) : Levels.None;
        }

        // Of what is yet to be set up nobody can be asked: as high as the person comes with what they have.
        return s_ofActions.TryGetValue(asked.Alias, out var type) && levels.TryGetValue(type, out var wanted)
            ? Math.Min(wanted, own.Select(c => levels.GetValueOrDefault(c.Type ?? "", Levels.None)).DefaultIfEmpty(Levels.None).Max())
            : Levels.None;
    }

    private static void Collect(Flow flow, int? level, Dictionary<string, int> levels)
    {
        foreach (var condition in flow.Executions.Where(e => !e.IsDisabled && e.Step == LevelConditionId))
        {
            level = Levels.Level(condition);
        }

        foreach (var execution in flow.Executions.Where(e => !e.IsDisabled))
        {
            if (execution.Flow is { } inner)
            {
                Collect(inner, level, levels);
            }
            else if (level is { } reached && execution.Step is { } step && s_ofSteps.TryGetValue(step, out var type) && (!levels.TryGetValue(type, out var other) || reached < other))
            {
                levels[type] = reached;
            }
        }
    }

    private const string LevelConditionId = "conditional-level-of-authentication";
}
