using Castellan.Core.Events;
using Castellan.Core.Realms;

namespace Castellan.Core.Login.Actions;

public sealed record DeleteAccountPage() : LoginPage("delete-account-confirm");

/// <summary>The person removes their account. Wants the role that the realm gives for it.</summary>
public sealed class DeleteAccount : IRequiredAction
{
    public string Alias => "delete_account";

    public ValueTask<ActionResult> BeginAsync(LoginContext context) => new(
        Conditions.RoleCondition.Has(context.Realm, context.User!, "account.delete-account") ? ActionResult.Ask(new DeleteAccountPage())
            : ActionResult.End(new ErrorPage(403, "deletingAccountForbidden")));

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (!Conditions.RoleCondition.Has(context.Realm, context.User!, "account.delete-account"))
        {
            return ActionResult.End(new ErrorPage(403, "deletingAccountForbidden"));
        }

        var user = context.User!;
        foreach (var session in await context.Services.Sessions.ListByUserAsync(context.Realm.Id, user.Id, ct: context.Ct))
        {
            await context.Services.Ending.EndAsync(context.Realm, session, context.Request.Issuer, context.Ct);
        }

        await context.Services.Sessions.DeleteByUserAsync(context.Realm.Id, user.Id, offline: true, context.Ct);
        await context.Services.ApplyAsync(context.Realm, context.Ct, new DeleteUser(user.Id));
        await ActionEvents.TellAsync(context, Alias, null, null, EventTypes.DeleteAccount);
        return ActionResult.End(new InfoPage("userDeletedSuccessfully"));
    }
}
