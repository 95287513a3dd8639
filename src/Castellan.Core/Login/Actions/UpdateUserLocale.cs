namespace Castellan.Core.Login.Actions;

/// <summary>Keeps the language that a person chose on the pages with their profile. No page; it happens on the way.</summary>
public sealed class UpdateUserLocale : IRequiredAction
{
    public const string Id = "update_user_locale";

    public string Alias => Id;

    public bool CanBeAskedFor => false;

    public ValueTask<bool> IsWantedAsync(LoginContext context) => new(
        (context.Realm.Settings.InternationalizationEnabled ?? false) && context.Tab.Note("kc_locale") is { } chosen
        && (context.Realm.Settings.SupportedLocales?.Contains(chosen) ?? false) && context.User!.Attribute("locale") != chosen);

    public async ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        if (!await IsWantedAsync(context))
        {
            // An administrator may demand it of a person who chose no language.
            return ActionResult.Done;
        }

        await context.ChangeUserAsync(person =>
        {
            (person.Attributes ??= [])["locale"] = [context.Tab.Note("kc_locale")!];
            return true;
        });
        return ActionResult.Done;
    }

    public ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form) => BeginAsync(context);
}
