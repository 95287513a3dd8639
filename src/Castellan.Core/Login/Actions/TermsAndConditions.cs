using System.Globalization;
using Castellan.Core.Representations;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Login.Actions;

public sealed record TermsPage() : LoginPage("terms");

/// <summary>The terms, to be accepted. Who declines does not get in.</summary>
public sealed class TermsAndConditions : IRequiredAction
{
    public const string Id = "TERMS_AND_CONDITIONS";

    public string Alias => Id;

    public ValueTask<ActionResult> BeginAsync(LoginContext context) => new(ActionResult.Ask(new TermsPage()));

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        if (form.Has("cancel"))
        {
            await context.ChangeUserAsync(person => person.Attributes?.Remove(UserProfile.Terms) ?? false);
            await ActionEvents.TellAsync(context, Alias, null, "rejected_by_user", Events.EventTypes.CustomRequiredAction);
            return ActionResult.Refuse("termsAndConditionsDeclined");
        }

        await context.ChangeUserAsync(person =>
        {
            Accept(person, context.Now);
            return true;
        });
        await ActionEvents.TellAsync(context, Alias, null, null, Events.EventTypes.CustomRequiredAction);
        return ActionResult.Done;
    }

    /// <summary>Notes that the person accepts the terms, and when, in seconds.</summary>
    public static void Accept(UserRepresentation person, long now) => (person.Attributes ??= [])[UserProfile.Terms] = [(now / 1000).ToString(CultureInfo.InvariantCulture)];
}
