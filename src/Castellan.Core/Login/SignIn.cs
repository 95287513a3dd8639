using Castellan.Core.Brokering;
using Castellan.Core.Events;
using Castellan.Core.Mail;

namespace Castellan.Core.Login;

/// <summary>What a request of a sign-in comes to.</summary>
public abstract record LoginOutcome
{
    /// <summary>A page of the sign-in.</summary>
    /// <param name="AnotherWay">Whether there is another way than the one that the page asks for.</param>
    public sealed record Show(LoginPage Page, bool AnotherWay = false, bool AppInitiated = false) : LoginOutcome;

    /// <summary>The browser goes on at <c>login-actions/{Path}</c>.</summary>
    public sealed record GoTo(string Path, string? Execution) : LoginOutcome;

    /// <summary>The browser goes on at <c>broker/{Path}</c>, with the code of the tab.</summary>
    public sealed record AtBroker(string Path, string? Hint = null) : LoginOutcome;

    /// <summary>A person who is signed in goes to an identity provider, to link an account there.</summary>
    public sealed record Leave(IdentityProvider Provider) : LoginOutcome;

    /// <summary>A last page; nothing of the sign-in is left.</summary>
    /// <param name="Detached">Whether no application waits for the person.</param>
    public sealed record End(LoginPage Page, bool Detached = true) : LoginOutcome;

    /// <summary>The client hears that it did not work.</summary>
    public sealed record Refuse(string Error, string? Description = null) : LoginOutcome
    {
        /// <summary>What the person was to be told.</summary>
        public IReadOnlyList<LoginMessage> Messages { get; init; } = [];
    }

    /// <summary>The person proved everything, and nothing is left to do.</summary>
    public sealed record Finish : LoginOutcome;
}

/// <summary>
/// A sign-in from its first request to its last: the flow, then what the person must do, then consent. Each request ends in one outcome; the tab is
/// changed here and written by the caller. No part can be reached before the one ahead of it is through.
/// </summary>
public sealed class SignIn(FlowRunner runner, RequiredActions actions, Consents consents, ActionTokens links)
{
    private const string FlowPassed = "flow-passed";

    /// <summary>Begins the flow of the tab's path, or goes on where it stands.</summary>
    public async ValueTask<LoginOutcome> ContinueAsync(LoginContext context)
    {
        if (context.Tab.Path == LoginPaths.RequiredAction)
        {
            return await ActionsAsync(context, null);
        }

        return await DisabledAsync(context) is { } disabled ? disabled : FlowOf(context) is { } flow ? await TakeAsync(context, await runner.RunAsync(context, flow)) : Fail(context, FlowError.NoFlow, null);
    }

    /// <summary>Takes a form that was posted for the execution shown last.</summary>
    public async ValueTask<LoginOutcome> AnswerAsync(LoginContext context, string? executionId, LoginForm form)
    {
        if (context.Tab.Path == LoginPaths.RequiredAction)
        {
            return await ActionsAsync(context, executionId == context.Tab.Execution ? form : null);
        }

        if (await DisabledAsync(context) is { } disabled)
        {
            return disabled;
        }

        if (FlowOf(context) is not { } flow)
        {
            return Fail(context, FlowError.NoFlow, null);
        }

        return Flows.Of(context.Realm).FindExecution(executionId) is { } execution
            ? await TakeAsync(context, await runner.AnswerAsync(context, flow, execution, form))
            : await ContinueAsync(context);
    }

    /// <summary>The answer to the page that asks for consent.</summary>
    public async ValueTask<LoginOutcome> ConsentAsync(LoginContext context, bool granted)
    {
        if (context.Tab.Path != LoginPaths.RequiredAction || context.Tab.Execution != RequiredActions.Consent || context.Tab.Note(FlowPassed) is null)
        {
            return await ContinueAsync(context);
        }

        if (!granted)
        {
            await context.TellAsync("rejected_by_user");
            return new LoginOutcome.Refuse("access_denied");
        }

        await consents.GrantAsync(context);
        return await ActionsAsync(context, null);
    }

    /// <summary>Begins what the person must do without a flow ahead of it: a link from a mail proved who they are.</summary>
    public async ValueTask<LoginOutcome> BeginActionsAsync(LoginContext context)
    {
        context.Tab.SetNote(FlowPassed, "true");
        context.Tab.Path = LoginPaths.RequiredAction;
        return await actions.NextAsync(context) is { } next ? GoToAction(context, next.Alias) : new LoginOutcome.GoTo(LoginPaths.RequiredAction, null);
    }

    /// <summary>Who was disabled half way goes no further, whatever they prove.</summary>
    private static async ValueTask<LoginOutcome?> DisabledAsync(LoginContext context)
    {
        if (context.User is not { Enabled: false } user)
        {
            return null;
        }

        context.Event.With("username", user.Username);
        await context.TellAsync("user_disabled");
        return Fail(context, FlowError.UserDisabled, null);
    }

    private static Flow? FlowOf(LoginContext context)
    {
        var flows = Flows.Of(context.Realm);
        return context.Tab.Path switch
        {
            LoginPaths.Registration => context.Tab.MayRegister(context.Realm) ? flows.Registration : null,
            LoginPaths.ResetCredentials => context.Realm.Settings.ResetPasswordAllowed ?? false ? flows.ResetCredentials : null,
            LoginPaths.FirstBrokerLogin => ProviderOf(context) is { } provider ? flows.FirstBrokerLogin(provider) : null,
            LoginPaths.PostBrokerLogin => ProviderOf(context) is { } provider ? flows.Find(provider.PostLoginFlow) : null,
            _ => context.Tab.ClientNote(LoginNotes.DemandedFlow) is { } demanded ? flows.Find(demanded) : flows.Browser(context.Client),
        };
    }

    /// <summary>The provider whose account the sign-in is about; one that was disabled meanwhile is none.</summary>
    private static IdentityProvider? ProviderOf(LoginContext context) =>
        IdentityProviders.Of(context.Realm).FindEnabled(BrokeredIdentity.Read(context.Tab.Note(LoginNotes.Brokered))?.Provider);

    private async ValueTask<LoginOutcome> TakeAsync(LoginContext context, FlowResult result)
    {
        switch (result)
        {
            case FlowResult.Asks when LoginPaths.IsBroker(context.Tab.Path) && SilentSignIn.IsWanted(context):
                return new LoginOutcome.Refuse("interaction_required");
            case FlowResult.Asks asks:
                context.Tab.Execution = asks.Execution.Id;
                var ways = asks.Page is SelectWayPage or { OnlyWay: true } ? [] : await runner.WaysAsync(context, asks.Execution);
                var page = asks.Page.Messages.Count > 0 ? asks.Page : asks.Page with { Messages = [.. context.TakeForwarded()] };
                return new LoginOutcome.Show(page, ways.Count > 1);
            case FlowResult.AtProvider at:
                context.Tab.Execution = at.Execution.Id;
                return new LoginOutcome.AtBroker($"{Uri.EscapeDataString(at.Provider.Alias)}/login", at.Hint);
            case FlowResult.RestartFlow when LoginPaths.IsBroker(context.Tab.Path):
                context.Tab.Again();
                context.Identify(null);
                return await ContinueAsync(context);
            case FlowResult.RestartFlow:
                context.Tab.Reset(context.Tab.Path);
                context.Identify(null);
                return await ContinueAsync(context);
            case FlowResult.Forked forked:
                await context.ForkAsync();
                context.Tab.SetNote(LoginNotes.ForwardedSuccess, forked.Message.Key);
                return await ContinueAsync(context);
            case FlowResult.Failed failed:
                await context.TellAsync(EventError(failed.Error));
                return Fail(context, failed.Error, failed.Page);
            default:
                return await PassedAsync(context);
        }
    }

    /// <summary>A person who proved themselves by more than a flow of this realm: an identity provider vouches for them.</summary>
    public ValueTask<LoginOutcome> AcceptAsync(LoginContext context) => PassedAsync(context);

    private async ValueTask<LoginOutcome> PassedAsync(LoginContext context)
    {
        if (LoginPaths.IsBroker(context.Tab.Path))
        {
            // What comes of it is the business of the broker, which looks again at what it is about.
            context.Tab.SetNote(LoginNotes.BrokerPassed, context.Tab.Path);
            context.Tab.Code = null;
            await BrokerEvents.PassedAsync(context);
            return new LoginOutcome.AtBroker($"after-{context.Tab.Path}");
        }

        var user = context.User!;
        if (!user.Enabled)
        {
            await context.TellAsync("user_disabled");
            return Fail(context, FlowError.UserDisabled, null);
        }

        if (Authorize.IdTokenHints.IsSomebodyElse(context))
        {
            context.Event.With("username", user.Username);
            await context.TellAsync("different_user_authenticated");
            return new LoginOutcome.Refuse("login_required");
        }

        if (context.Tab.Note(LoginNotes.SsoAuth) is null && await context.Services.Guard.IsLockedAsync(context.Realm, user.Id, context.Ct))
        {
            await context.TellAsync("user_temporarily_disabled");
            return Fail(context, FlowError.UserLocked, null);
        }

        if (Levels.OfDemandedFlow(context) is { } level && context.Tab.Path == LoginPaths.Authenticate)
        {
            if (context.Tab.Note(LoginNotes.SsoAuth) is null)
            {
                Levels.Reached(context, level);
            }
            else
            {
                Levels.SetCurrent(context, level);
            }
        }

        context.Tab.SetNote(FlowPassed, "true");
        if (await actions.NextAsync(context) is { } next)
        {
            return GoToAction(context, next.Alias);
        }

        if (RequiredActions.IsSetUpMissing(context))
        {
            return await SetUpMissingAsync(context);
        }

        return await consents.IsMissingAsync(context) ? GoToAction(context, RequiredActions.Consent) : EndWithoutClient(context) ?? new LoginOutcome.Finish();
    }

    /// <summary>The last page of what does not sign anybody in: a link from a mail led here, or one of an application that named no address to come back to.</summary>
    private static LoginOutcome? EndWithoutClient(LoginContext context) => context.Tab.Note(LoginNotes.EndAfterActions) is null ? null
        : new LoginOutcome.End(new InfoPage("accountUpdatedMessage") { BackUrl = context.Tab.RedirectUri });

    private static async ValueTask<LoginOutcome> SetUpMissingAsync(LoginContext context)
    {
        await context.TellAsync(EventError(FlowError.CredentialSetupRequired));
        return Fail(context, FlowError.CredentialSetupRequired, null);
    }

    private static LoginOutcome GoToAction(LoginContext context, string alias)
    {
        if (SilentSignIn.IsWanted(context))
        {
            return new LoginOutcome.Refuse("interaction_required");
        }

        context.Tab.Path = LoginPaths.RequiredAction;
        context.Tab.Execution = alias;
        return new LoginOutcome.GoTo(LoginPaths.RequiredAction, alias);
    }

    /// <param name="form">What was posted for the action shown last; null to show it.</param>
    private async ValueTask<LoginOutcome> ActionsAsync(LoginContext context, LoginForm? form)
    {
        if (context.Tab.Note(FlowPassed) is null || context.User is not { Enabled: true })
        {
            // Whoever comes here without having proved themselves proves themselves first.
            context.Tab.Path = LoginPaths.Authenticate;
            context.Tab.Execution = null;
            return await ContinueAsync(context);
        }

        if (await PasswordResets.IsPastAsync(context))
        {
            return new LoginOutcome.End(new ErrorPage(400, "expiredActionMessage"));
        }

        var passed = new HashSet<string>(StringComparer.Ordinal);
        while (await actions.NextAsync(context, passed) is { } action)
        {
            var asked = RequiredActions.IsAppInitiated(context, action.Alias);
            var answered = form is not null && context.Tab.Execution == action.Alias ? form : null;
            form = null;
            context.Tab.Execution = action.Alias;
            if (answered is not null)
            {
                context.Tab.SetNote(LoginNotes.LastAction, action.Alias);
            }

            if (asked && (answered?.Has("cancel-aia") ?? false))
            {
                context.Tab.SetNote(LoginNotes.KcActionStatus, "cancelled");
                await Actions.ActionEvents.TellAsync(context, action.Alias, null, "rejected_by_user", EventTypes.CustomRequiredAction);
                continue;
            }

            if (answered is not null && !await TakeLinkAsync(context))
            {
                return new LoginOutcome.End(new ErrorPage(400, "expiredActionMessage"));
            }

            switch (answered is null ? await action.BeginAsync(context) : await action.AnswerAsync(context, answered))
            {
                case ActionResult.AskAction { Page: var page }:
                    return new LoginOutcome.Show(page.Messages.Count > 0 || asked ? page : page with { Messages = [.. context.TakeForwarded()] }, AppInitiated: asked);
                case ActionResult.EndAction { Page: var last }:
                    return last is InfoPage && context.User is null ? new LoginOutcome.End(last, Detached: false) : new LoginOutcome.Show(last);
                case ActionResult.LeaveAction { Provider: var provider }:
                    return new LoginOutcome.Leave(provider);
                case ActionResult.RefusedAction { Description: var description }:
                    return new LoginOutcome.Refuse("access_denied", description);
                case ActionResult.FailedAction when asked:
                    context.Tab.SetNote(LoginNotes.KcActionStatus, "error");
                    break;
                case ActionResult.PassedAction:
                    passed.Add(action.Alias);
                    if (RequiredActions.AskedFor(context)?.Alias == action.Alias)
                    {
                        context.Tab.SetNote(LoginNotes.KcActionStatus, "error");
                    }

                    break;
                default:
                    // Also where it still stands on the list: whoever was deleted meanwhile has nothing that it could be struck from.
                    passed.Add(action.Alias);
                    await RequiredActions.DoneAsync(context, action.Alias);
                    break;
            }
        }

        if (!await TakeLinkAsync(context))
        {
            return new LoginOutcome.End(new ErrorPage(400, "expiredActionMessage"));
        }

        if (RequiredActions.IsSetUpMissing(context))
        {
            return await SetUpMissingAsync(context);
        }

        if (EndWithoutClient(context) is { } end)
        {
            return end;
        }

        if (await consents.IsMissingAsync(context))
        {
            context.Tab.Execution = RequiredActions.Consent;
            context.Tab.Code = Secret.Base64Url(32);
            return new LoginOutcome.Show(await consents.PageAsync(context, context.Tab.Code));
        }

        return new LoginOutcome.Finish();
    }

    /// <summary>Takes the token of the link that led here, once for this sign-in; false when another browser was faster.</summary>
    private async ValueTask<bool> TakeLinkAsync(LoginContext context)
    {
        if (context.Tab.Note(LoginNotes.ActionToken) is not { } token)
        {
            return true;
        }

        context.Tab.SetNote(LoginNotes.ActionToken, null);
        return await links.TakeAsync(context.Realm, token, context.Ct);
    }

    private static LoginOutcome Fail(LoginContext context, FlowError error, LoginPage? page)
    {
        context.Tab.Execution = null;
        return new LoginOutcome.Show(page ?? error switch
        {
            FlowError.UserDisabled => new ErrorPage(400, "accountDisabledMessage"),
            FlowError.CredentialSetupRequired => new ErrorPage(400, "credentialSetupRequired"),
            FlowError.AccessDenied => new ErrorPage(401, "access-denied"),
            FlowError.NoFlow when LoginPaths.IsBroker(context.Tab.Path) => new ErrorPage(502, "identityProviderUnexpectedErrorMessage"),
            FlowError.NoFlow when context.Tab.Path == LoginPaths.Registration => new ErrorPage(400, "registrationNotAllowedMessage"),
            FlowError.NoFlow when context.Tab.Path == LoginPaths.ResetCredentials => new ErrorPage(400, "resetCredentialNotAllowedMessage"),
            _ => new ErrorPage(400, "invalidUserMessage"),
        });
    }

    private static string EventError(FlowError error) => error switch
    {
        FlowError.UserDisabled => "user_disabled",
        FlowError.UserLocked => "user_temporarily_disabled",
        FlowError.AccessDenied => "access_denied",
        FlowError.SessionLimit or FlowError.LevelNotReached => "generic_authentication_error",
        FlowError.AccountExists => "federated_identity_account_exists",
        FlowError.NoAccount => "user_not_found",
        _ => "invalid_user_credentials",
    };
}
