using System.Globalization;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Login.Actions;

public sealed record TermsPage() : LoginPage("terms");

/// <summary>The terms, to be accepted. Who declines does not get in.</summary>
public sealed class TermsAndConditions : IRequiredAction
{
    public string Alias => "TERMS_AND_CONDITIONS";

    public ValueTask<ActionResult> BeginAsync(LoginContext context) => new(ActionResult.Ask(new TermsPage()));

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (form.Has("cancel"))
        {
            await ActionEvents.TellAsync(context, Alias, null, "rejected_by_user", Events.EventTypes.CustomRequiredAction);
            return ActionResult.Refused;
        }

        if (!form.Has("accept"))
        {
            return await BeginAsync(context);
        }

        var changed = UserRepresentations.Copy(context.User!.Representation);
        (changed.Attributes ??= [])["terms_and_conditions"] = [(context.Now / 1000).ToString(CultureInfo.InvariantCulture)];
        await context.Services.ApplyAsync(context.Realm, context.Ct, new PutUser(changed));
        await ActionEvents.TellAsync(context, Alias, null, null, Events.EventTypes.CustomRequiredAction);
        return ActionResult.Done;
    }
}
