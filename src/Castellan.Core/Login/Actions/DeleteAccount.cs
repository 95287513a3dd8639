using Castellan.Core.Events;
using Castellan.Core.Realms;

namespace Castellan.Core.Login.Actions;

public sealed record DeleteAccountPage() : LoginPage("delete-account-confirm");

/// <summary>The person removes their account. Wants the role that the realm gives for it.</summary>
public sealed class DeleteAccount : IRequiredAction
{
    private const string Forbidden = "deletingAccountForbidden";

    public string Alias => "delete_account";

    public ValueTask<ActionResult> BeginAsync(LoginContext context) =>
        new(IsAllowed(context) ? ActionResult.Ask(new DeleteAccountPage()) : ActionResult.End(new ErrorPage(200, Forbidden)));

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        var user = context.User!;
        if (!IsAllowed(context))
        {
            context.Event.With("reason", "does not have the required roles for user deletion");
            await ActionEvents.TellAsync(context, Alias, null, "user_delete_error", EventTypes.DeleteAccount);
            return ActionResult.Ask(new DeleteAccountPage().With(LoginMessage.Error(Forbidden)));
        }

        foreach (var session in await context.Services.Sessions.ListByUserAsync(context.Realm.Id, user.Id, ct: context.Ct))
        {
            await context.Services.Ending.EndAsync(context.Realm, session, context.Request.Issuer, context.Ct);
        }

        await context.Services.Sessions.DeleteByUserAsync(context.Realm.Id, user.Id, offline: true, context.Ct);
        await context.Services.ApplyAsync(context.Realm, context.Ct, new DeleteUser(user.Id));
        context.Event.With("username", user.Username);
        await ActionEvents.TellAsync(context, Alias, null, null, EventTypes.DeleteAccount);
        context.Identify(null);
        return ActionResult.End(new InfoPage("userDeletedSuccessfully"));
    }

    private static bool IsAllowed(LoginContext context) => Conditions.RoleCondition.Has(context.Realm, context.User!, "account.delete-account");
}
