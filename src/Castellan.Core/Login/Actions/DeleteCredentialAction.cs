using Castellan.Core.Events;
using Castellan.Core.Realms;

namespace Castellan.Core.Login.Actions;

public sealed record DeleteCredentialPage(string Label) : LoginPage("delete-credential");

/// <summary>One of the person's credentials is removed: <c>kc_action=delete_credential:id</c>.</summary>
public sealed class DeleteCredentialAction : IRequiredAction
{
    public string Alias => "delete_credential";

    public async ValueTask<ActionResult> BeginAsync(LoginContext context) =>
        await FindAsync(context) is { } credential ? ActionResult.Ask(new DeleteCredentialPage(credential.UserLabel is { Length: > 0 } label ? label : credential.Type!)) : ActionResult.Failed;

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (await FindAsync(context) is not { } credential || await CredentialLevels.OfActionAsync(context) > Levels.Current(context))
        {
            return ActionResult.Failed;
        }

        await context.Services.ApplyAsync(context.Realm, context.Ct, new DeleteCredential(context.User!.Id, credential.Id!));
        context.Event.With("credential_id", credential.Id).With("credential_user_label", credential.UserLabel);
        await ActionEvents.TellAsync(context, Alias, credential.Type, null, credential.Type == "otp" ? [EventTypes.RemoveCredential, EventTypes.RemoveTotp] : [EventTypes.RemoveCredential]);
        return ActionResult.Done;
    }

    private static async ValueTask<Representations.CredentialRepresentation?> FindAsync(LoginContext context) =>
        RequiredActions.AskedFor(context)?.Parameter is { } id ? (await context.Services.CredentialsAsync(context.Realm, context.User!, context.Ct)).Find(c => c.Id == id) : null;
}
