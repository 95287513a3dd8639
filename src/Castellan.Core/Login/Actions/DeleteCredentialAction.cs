using Castellan.Core.Credentials;
using Castellan.Core.Events;
using Castellan.Core.Realms;

namespace Castellan.Core.Login.Actions;

public sealed record DeleteCredentialPage(string Label) : LoginPage("delete-credential");

/// <summary>One of the person's credentials is removed: <c>kc_action=delete_credential:id</c>.</summary>
public sealed class DeleteCredentialAction : IRequiredAction
{
    public string Alias => "delete_credential";

    public async ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        if (await FindAsync(context) is { } credential)
        {
            return ActionResult.Ask(new DeleteCredentialPage(credential.UserLabel is { Length: > 0 } label ? label : credential.Type!));
        }

        var id = RequiredActions.AskedFor(context)?.Parameter;
        await context.Services.Events.RecordAsync(context.Realm, ActionEvents.Copy(context, EventTypes.CustomRequiredAction).With("credential_id", id)
            .Failed(id is null ? "missing_credential_id" : "credential_not_found"), context.Ct);
        return ActionResult.Passed;
    }

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (await FindAsync(context) is not { } credential)
        {
            return ActionResult.Failed;
        }

        context.Event.With("credential_id", credential.Id).With("credential_user_label", credential.UserLabel);
        string[] types = credential.Type == "otp" ? [EventTypes.RemoveCredential, EventTypes.RemoveTotp] : [EventTypes.RemoveCredential];
        var reason = credential.Type == Passwords.Type ? "Credential type cannot be removed"
            : await CredentialLevels.OfActionAsync(context) > Levels.Current(context) ? $"Insufficient level of authentication for removing credential of type '{credential.Type}'." : null;
        if (reason is not null)
        {
            context.Event.With("reason", reason);
            await ActionEvents.TellAsync(context, Alias, credential.Type, "delete_credential_failed", types);
            return ActionResult.End(new ErrorPage(400, reason));
        }

        await context.Services.ApplyAsync(context.Realm, context.Ct, new DeleteCredential(context.User!.Id, credential.Id!));
        await ActionEvents.TellAsync(context, Alias, credential.Type, null, types);
        return ActionResult.Done;
    }

    private static async ValueTask<Representations.CredentialRepresentation?> FindAsync(LoginContext context) =>
        RequiredActions.AskedFor(context)?.Parameter is { } id ? (await context.Services.CredentialsAsync(context.Realm, context.User!, context.Ct)).Find(c => c.Id == id) : null;
}
