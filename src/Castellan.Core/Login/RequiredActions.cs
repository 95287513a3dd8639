using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;

namespace Castellan.Core.Login;

/// <summary>Something that a person must do, or that the application asks them to do (<c>kc_action</c>), before a sign-in ends.</summary>
public interface IRequiredAction
{
    /// <summary>Keycloak's alias, and the realm's key for it.</summary>
    string Alias { get; }

    /// <summary>Whether an application may ask for it.</summary>
    bool CanBeAskedFor => true;

    /// <summary>Whether it is wanted now although nobody put it down for the person: an expired password, an e-mail that is not verified.</summary>
    ValueTask<bool> IsWantedAsync(LoginContext context) => new(false);

    /// <summary>Whether what is wanted once is put down for the person, and stays so until they do it.</summary>
    bool IsKept => false;

    /// <summary>What to do first; a page as a rule.</summary>
    ValueTask<ActionResult> BeginAsync(LoginContext context);

    /// <summary>Takes what the page sent back.</summary>
    ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form);
}

/// <summary>What a required action answers.</summary>
public abstract record ActionResult
{
    /// <summary>Done; it is struck from the person's list.</summary>
    public static readonly ActionResult Done = new DoneAction();

    /// <summary>Not done, and not possible now; the application hears of an error. Only for actions that it asked for.</summary>
    public static readonly ActionResult Failed = new FailedAction();

    /// <summary>Not possible now, and nothing that the person could do about it: the sign-in goes on, and the action stays on their list.</summary>
    public static readonly ActionResult Passed = new PassedAction();

    /// <summary>The person declined; the sign-in ends and the client hears of it.</summary>
    public static ActionResult Refuse(string description) => new RefusedAction(description);

    internal sealed record PassedAction : ActionResult;

    internal sealed record RefusedAction(string Description) : ActionResult;

    public static ActionResult Ask(LoginPage page) => new AskAction(page);

    /// <summary>The sign-in ends with this page.</summary>
    public static ActionResult End(LoginPage page) => new EndAction(page);

    /// <summary>The person goes on at an identity provider, and comes back to the action.</summary>
    public static ActionResult LeaveFor(Brokering.IdentityProvider provider) => new LeaveAction(provider);

    internal sealed record LeaveAction(Brokering.IdentityProvider Provider) : ActionResult;

    internal sealed record DoneAction : ActionResult;

    internal sealed record FailedAction : ActionResult;

    internal sealed record AskAction(LoginPage Page) : ActionResult;

    internal sealed record EndAction(LoginPage Page) : ActionResult;
}

/// <summary>Which actions stand between a person who proved themselves and the end of the sign-in, in the realm's order.</summary>
public sealed class RequiredActions(IEnumerable<IRequiredAction> actions)
{
    private readonly Dictionary<string, IRequiredAction> _actions = actions.ToDictionary(a => a.Alias, StringComparer.Ordinal);

    /// <summary>The page on which a client asks for consent, as an execution.</summary>
    public const string Consent = "OAUTH_GRANT";

    public IRequiredAction? Find(string? alias) => alias is null ? null : _actions.GetValueOrDefault(alias);

    /// <summary>The next action, or null when nothing is left to do.</summary>
    /// <param name="passed">Actions that had their turn in this request.</param>
    public async ValueTask<IRequiredAction?> NextAsync(LoginContext context, IReadOnlyCollection<string>? passed = null)
    {
        var done = Done(context);
        if (IsEnabled(context.Realm, Actions.UpdateUserLocale.Id))
        {
            context.RememberLanguage(context.User!);
        }

        var user = context.User!;
        var kept = new List<string>();
        IRequiredAction? next = null;
        foreach (var configured in Configured(context.Realm))
        {
            if (Find(configured.Alias) is not { } action)
            {
                continue;
            }

            if (!IsPending(context, user, action.Alias))
            {
                // Behind the next action only those are asked that are put down for the person.
                if (done.Contains(action.Alias) || (next is not null && !action.IsKept) || !await action.IsWantedAsync(context))
                {
                    continue;
                }

                if (action.IsKept)
                {
                    kept.Add(action.Alias);
                }
            }

            if (passed is null || !passed.Contains(action.Alias))
            {
                next ??= action;
            }
        }

        if (kept.Count > 0)
        {
            await context.ChangeUserAsync(person =>
            {
                person.RequiredActions = [.. (person.RequiredActions ?? []).Union(kept)];
                return true;
            });
        }

        return next ?? await AskedForAsync(context);
    }

    /// <summary>Whether people can do this action in the realm.</summary>
    public static bool IsEnabled(Realm realm, string alias) => realm.Data.RequiredActions.Any(a => a.Alias == alias && a.Enabled == true);

    /// <summary>Whether people can do both of these actions in the realm, and do the one before the other.</summary>
    public static bool IsBefore(Realm realm, string alias, string later) => Configured(realm).SkipWhile(a => a.Alias != alias).Skip(1).Any(a => a.Alias == later);

    /// <summary>
    /// Whether a part of the flow that an action stands for is missing when no action is left: it was switched off while the sign-in waited for it. What
    /// the flow demands is then not proved, whoever switched what off.
    /// </summary>
    public static bool IsSetUpMissing(LoginContext context) => context.Tab.SetUps.Except(Done(context)).Any();

    /// <summary>The alias and the parameter of the action that the application asks for: <c>delete_credential:id</c>.</summary>
    public static (string Alias, string? Parameter)? AskedFor(LoginContext context)
    {
        if (context.Tab.ClientNote(LoginNotes.KcAction) is not { Length: > 0 } asked)
        {
            return null;
        }

        var colon = asked.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (asked, null) : (asked[..colon], asked[(colon + 1)..]);
    }

    /// <summary>Whether the application asked for the action, and the person may therefore call it off.</summary>
    public static bool IsAppInitiated(LoginContext context, string alias) =>
        AskedFor(context)?.Alias == alias && context.Tab.Note(LoginNotes.KcActionStatus) is null && !IsPending(context, context.User!, alias);

    /// <summary>Strikes an action that was done from the person's list and the sign-in's.</summary>
    public static async ValueTask DoneAsync(LoginContext context, string alias)
    {
        context.Tab.RequiredActions.RemoveAll(a => a == alias);
        var done = context.Tab.Note(LoginNotes.ActionsDone);
        context.Tab.SetNote(LoginNotes.ActionsDone, done is null ? alias : $"{done} {alias}");
        if (AskedFor(context)?.Alias == alias && context.Tab.Note(LoginNotes.KcActionStatus) is null)
        {
            context.Tab.SetNote(LoginNotes.KcActionStatus, "success");
        }

        await context.ChangeUserAsync(person => person.RequiredActions?.RemoveAll(a => a == alias) > 0);
    }

    private ValueTask<IRequiredAction?> AskedForAsync(LoginContext context)
    {
        if (AskedFor(context) is not { } asked || context.Tab.Note(LoginNotes.KcActionStatus) is not null)
        {
            return new((IRequiredAction?)null);
        }

        var action = Find(asked.Alias);
        if (action is null || !action.CanBeAskedFor || !IsEnabled(context.Realm, asked.Alias))
        {
            context.Tab.SetNote(LoginNotes.KcActionStatus, "error");
            return new((IRequiredAction?)null);
        }

        return new(action);
    }

    private static string[] Done(LoginContext context) => context.Tab.Note(LoginNotes.ActionsDone)?.Split(' ') ?? [];

    private static bool IsPending(LoginContext context, User user, string alias) =>
        context.Tab.RequiredActions.Contains(alias) || (user.Representation.RequiredActions?.Contains(alias) ?? false);

    private static IEnumerable<RequiredActionProviderRepresentation> Configured(Realm realm) =>
        realm.Data.RequiredActions.Where(a => a.Enabled ?? false).OrderBy(a => a.Priority ?? 0);
}
