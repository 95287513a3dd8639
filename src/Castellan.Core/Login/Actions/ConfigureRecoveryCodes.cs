using Castellan.Core.Events;
using Castellan.Core.Realms;

namespace Castellan.Core.Login.Actions;

public sealed record RecoveryCodesPage(IReadOnlyList<string> Codes, long GeneratedAt) : LoginPage("login-recovery-authn-code-config");

/// <summary>New recovery codes; earlier ones end.</summary>
public sealed class ConfigureRecoveryCodes : IRequiredAction
{
    public const string Id = "CONFIGURE_RECOVERY_AUTHN_CODES";

    private const string CodesNote = "recovery-codes";

    public string Alias => Id;

    public ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        var codes = context.Tab.Note(CodesNote)?.Split(',') ?? [.. RecoveryCodes.New()];
        context.Tab.SetNote(CodesNote, string.Join(',', codes));
        LoginPage page = new RecoveryCodesPage(codes, context.Now);
        return new(ActionResult.Ask(RequiredActions.IsAppInitiated(context, Alias) ? page : page.With(new LoginMessage(MessageKind.Warning, "configureBackupCodesMessage"))));
    }

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        // Those that the page showed count, and only if the person saw this very list.
        if (context.Tab.Note(CodesNote) is not { } codes || form["generatedRecoveryAuthnCodes"] != codes)
        {
            return await BeginAsync(context);
        }

        var user = context.User!;
        var old = (await context.Services.CredentialsAsync(context.Realm, user, context.Ct)).Where(c => c.Type == RecoveryCodes.Type).Select(Change (c) => new DeleteCredential(user.Id, c.Id!));
        var label = form["userLabel"] is { Length: > 0 and <= 255 } given ? given : "Recovery codes";
        await context.Services.ApplyAsync(context.Realm, context.Ct, [.. old]);
        await context.Services.AddCredentialAsync(context.Realm, user, RecoveryCodes.ToCredential(codes.Split(','), label, context.Now), context.Ct);
        context.Tab.SetNote(CodesNote, null);
        await ActionEvents.EndOtherSessionsAsync(context, form, Alias, RecoveryCodes.Type);
        await ActionEvents.TellAsync(context, Alias, RecoveryCodes.Type, null, EventTypes.UpdateCredential);
        return ActionResult.Done;
    }
}
