using Castellan.Core.Brokering;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Login;

/// <summary>
/// A sign-in that an identity provider vouches for: the person who is linked to the account, or the flow that finds or makes one. Nobody is linked by
/// an address or a name alone; that is what the flow must settle.
/// </summary>
public sealed class BrokeredSignIn(SignIn signIn, BrokeredUsers users)
{
    /// <summary>The required action that links an account.</summary>
    public const string LinkAction = "idp_link";

    private const string LinkedAlready = "identityProviderAlreadyLinkedToCurrentUserMessage";

    /// <summary>Somebody comes back from a provider.</summary>
    public async ValueTask<LoginOutcome> ArriveAsync(LoginContext context, IdentityProvider provider, BrokeredIdentity identity)
    {
        var tab = context.Tab;
        var found = await BrokeredUsers.FindAsync(context, identity);
        var waiting = tab.Path == LoginPaths.FirstBrokerLogin ? Steps.Broker.Arrival.Of(context)?.Identity : null;
        if (waiting is not null && found is null)
        {
            // Nobody is proved by an account that nobody has: the first one waits on where it was.
            tab.SetNote(LoginNotes.NestedBroker, $"{provider.Alias}\n{identity.Username.ReplaceLineEndings(" ")}");
            return new LoginOutcome.GoTo(LoginPaths.FirstBrokerLogin, tab.Execution);
        }

        var locale = tab.Note("kc_locale");
        // Whoever the browser was signed in as, and whatever they had proved, says nothing of who comes now.
        tab.Reset(LoginPaths.Authenticate);
        tab.Code = null;
        tab.SetNote("kc_locale", locale);
        context.Identify(null);
        context.Event.Details?.Remove("username");
        context.Event.Of(identity);
        tab.SetNote(LoginNotes.Brokered, identity.Write());
        if (found is not null)
        {
            tab.SetNote(LoginNotes.BrokeredBefore, waiting?.Write());
            return await KnownAsync(context, provider, identity, found);
        }

        tab.Path = LoginPaths.FirstBrokerLogin;
        var told = BrokerEvents.Copy(context, EventTypes.IdentityProviderFirstLogin);
        await context.Services.Events.RecordAsync(context.Realm, told.With("auth_method", context.Tab.Protocol), context.Ct);
        return new LoginOutcome.GoTo(LoginPaths.FirstBrokerLogin, null);
    }

    /// <summary>The flow for accounts that come for the first time is through: the person whom it settled on is linked.</summary>
    public async ValueTask<LoginOutcome> AfterFirstAsync(LoginContext context) =>
        Waiting(context, LoginPaths.FirstBrokerLogin) is var (provider, identity) && context.User is { } user ? await LinkFirstAsync(context, provider, identity, user) : Unexpected();

    private async ValueTask<LoginOutcome> LinkFirstAsync(LoginContext context, IdentityProvider provider, BrokeredIdentity identity, User user)
    {
        var tab = context.Tab;
        if (!user.Enabled)
        {
            return new LoginOutcome.Show(new ErrorPage(400, "accountDisabledMessage"));
        }

        var created = tab.Note(LoginNotes.BrokerCreated) == user.Id;
        var replaced = created ? null : await BrokeredUsers.OtherLinkAsync(context, identity, user);
        if (replaced is not null && !Steps.Broker.ConfirmOverrideStep.IsConfirmed(context, user.Id))
        {
            // A link that the person signs in by is not taken from them unasked: idp-confirm-override-link is there to ask.
            return await LinkedToAnotherAsync(context, provider, user);
        }

        var linking = await users.LinkAsync(context, identity, user, replaced);
        if (linking == Linking.Busy)
        {
            // Perhaps it is this very person whom another request links: they stay.
            return Busy();
        }

        if (linking == Linking.ToAnother)
        {
            return await LinkedToAnotherAsync(context, provider, user);
        }

        if (linking == Linking.OfAnother)
        {
            if (created)
            {
                // Somebody was faster with the same account: the person made for it here would stay behind with no way in, and keep the name from others.
                await context.Services.ApplyAsync(context.Realm, CancellationToken.None, new DeleteUser(user.Id));
                tab.SetNote(LoginNotes.BrokerCreated, null);
                context.Identify(null);
            }

            return new LoginOutcome.Show(new ErrorPage(400, "identityProviderAlreadyLinkedMessage", provider.Name));
        }

        if (replaced is not null)
        {
            await context.Services.Events.RecordAsync(
                context.Realm, BrokerEvents.Copy(context, EventTypes.FederatedIdentityOverrideLink).With("previous_identity_provider_identity", replaced.UserName), context.Ct);
        }

        var told = new LoginEvent
        {
            Type = created ? EventTypes.Register : EventTypes.FederatedIdentityLink, ClientId = context.Event.ClientId, UserId = user.Id, IpAddress = context.Event.IpAddress,
        };
        told.With("code_id", tab.RootId).With("username", created ? user.Username : tab.Note(LoginNotes.AttemptedUsername) ?? user.Username).Of(identity, session: false);
        await context.Services.Events.RecordAsync(context.Realm, created ? told.With("register_method", "broker").With("email", user.Email) : told, context.Ct);
        if (!created)
        {
            user = await users.UpdateAsync(context, provider, identity, user, linked: true);
            context.Identify(user);
        }

        return await EnterAsync(context, provider, identity, user);
    }

    /// <summary>The flow that a provider has behind each sign-in is through.</summary>
    public async ValueTask<LoginOutcome> AfterPostAsync(LoginContext context) =>
        Waiting(context, LoginPaths.PostBrokerLogin) is var (_, identity) && context.User is { } user
        && await BrokeredUsers.FindAsync(context, identity) is { } linked && linked.Id == user.Id
            ? await AcceptAsync(context, identity) : Unexpected();

    /// <summary>A person who is signed in and asked for it comes back with the account that they want linked (<c>kc_action=idp_link</c>).</summary>
    public async ValueTask<LoginOutcome> LinkAsync(LoginContext context, IdentityProvider provider, BrokeredIdentity identity)
    {
        if (context.Tab.Path != LoginPaths.RequiredAction || context.User is not { Enabled: true } user || !Actions.LinkAccount.IsAllowed(context))
        {
            return Unexpected();
        }

        var told = BrokerEvents.Copy(context, EventTypes.FederatedIdentityLink).Of(identity).With("custom_required_action", LinkAction);
        var linking = await users.LinkAsync(context, identity, user);
        if (linking == Linking.Busy)
        {
            return Busy();
        }

        if (linking == Linking.ToAnother)
        {
            // A person has one account of a provider. Who wants another takes the link away first; here nobody asked them whether they do.
            await context.Services.Events.RecordAsync(context.Realm, told.Failed(LinkedAlready), context.Ct);
            return new LoginOutcome.Show(new ErrorPage(400, LinkedAlready, provider.Name));
        }

        context.Event.Of(identity).With("custom_required_action", LinkAction);
        if (linking == Linking.OfAnother)
        {
            await context.Services.Events.RecordAsync(context.Realm, told.Failed("identityProviderAlreadyLinkedMessage"), context.Ct);
            return new LoginOutcome.Show(new ErrorPage(400, "identityProviderAlreadyLinkedMessage", provider.Name));
        }

        await context.Services.Events.RecordAsync(context.Realm, told, context.Ct);
        context.Identify(await users.UpdateAsync(context, provider, identity, user));
        KeepTokens(context.Tab, identity);
        if (context.BrowserSession is { } session && !session.Notes.ContainsKey(LoginNotes.IdentityProvider))
        {
            // The session is of this provider too from now on: its end is told there. One that another provider began stays that one's.
            context.Tab.SessionNotes[LoginNotes.IdentityProvider] = identity.Provider;
            context.Tab.SessionNotes[LoginNotes.IdentityProviderIdentity] = identity.Username;
        }

        await RequiredActions.DoneAsync(context, LinkAction);
        context.Event.Details?.Remove("custom_required_action");
        return await signIn.ContinueAsync(context);
    }

    /// <summary>There is no account to link. The application of a person who changed their mind hears so; anything else the person is told.</summary>
    /// <param name="message">What the person is told.</param>
    public async ValueTask<LoginOutcome> LinkRefusedAsync(LoginContext context, IdentityProvider provider, string error, string message)
    {
        if (error == "access_denied")
        {
            context.Tab.SetNote(LoginNotes.KcActionStatus, "cancelled");
            return await signIn.ContinueAsync(context);
        }

        var told = BrokerEvents.Copy(context, EventTypes.FederatedIdentityLink).With("identity_provider", provider.Alias).With("custom_required_action", LinkAction);
        await context.Services.Events.RecordAsync(context.Realm, told.Failed(message), context.Ct);
        return new LoginOutcome.Show(new ErrorPage(400, message));
    }

    /// <summary>The person whom a first sign-in settled on has another account of the provider already.</summary>
    private static async ValueTask<LoginOutcome> LinkedToAnotherAsync(LoginContext context, IdentityProvider provider, User user)
    {
        var told = BrokerEvents.Copy(context, EventTypes.IdentityProviderLogin).With("username", user.Username);
        told.UserId = user.Id;
        await context.Services.Events.RecordAsync(context.Realm, told.Failed(LinkedAlready), context.Ct);
        return new LoginOutcome.Show(new ErrorPage(409, LinkedAlready, provider.Name));
    }

    private async ValueTask<LoginOutcome> KnownAsync(LoginContext context, IdentityProvider provider, BrokeredIdentity identity, User user)
    {
        if (!user.Enabled || await context.Services.Guard.IsLockedAsync(context.Realm, user.Id, context.Ct))
        {
            await context.Services.Events.RecordAsync(
                context.Realm, BrokerEvents.Copy(context, EventTypes.IdentityProviderLogin).Failed(user.Enabled ? "user_temporarily_disabled" : "user_disabled"), context.Ct);
            return new LoginOutcome.Show(new ErrorPage(400, "accountDisabledMessage"));
        }

        user = await users.UpdateAsync(context, provider, identity, user);
        context.Identify(user);
        return await EnterAsync(context, provider, identity, user);
    }

    /// <summary>The person is settled: the provider's last flow, if it has one, else what every sign-in has left.</summary>
    private async ValueTask<LoginOutcome> EnterAsync(LoginContext context, IdentityProvider provider, BrokeredIdentity identity, User user)
    {
        var tab = context.Tab;
        tab.SetNote(LoginNotes.BrokerPassed, null);
        if (tab.Note(LoginNotes.AttemptedUsername) is null)
        {
            tab.SetNote(LoginNotes.AttemptedUsername, user.Username);
        }

        if (provider.PostLoginFlow is null)
        {
            return await AcceptAsync(context, identity);
        }

        tab.Statuses.Clear();
        tab.Path = LoginPaths.PostBrokerLogin;
        tab.Execution = null;
        var told = BrokerEvents.Copy(context, EventTypes.IdentityProviderPostLogin).With("auth_method", tab.Protocol);
        told.UserId = null;
        await context.Services.Events.RecordAsync(context.Realm, told, context.Ct);
        return new LoginOutcome.GoTo(LoginPaths.PostBrokerLogin, null);
    }

    private ValueTask<LoginOutcome> AcceptAsync(LoginContext context, BrokeredIdentity identity)
    {
        var tab = context.Tab;
        if (BrokeredIdentity.Read(tab.Note(LoginNotes.BrokeredBefore)) is { } first)
        {
            // By this account the person has proved themselves for the one that waits.
            tab.SetNote(LoginNotes.BrokeredBefore, null);
            tab.SetNote(LoginNotes.Brokered, first.Write());
            context.Event.Of(first);
            return IdentityProviders.Of(context.Realm).FindEnabled(first.Provider) is { } waits ? LinkFirstAsync(context, waits, first, context.User!) : new(Unexpected());
        }

        if (Levels.IsForcedLevelMissed(context))
        {
            return new(new LoginOutcome.Show(new ErrorPage(400, "acrNotFulfilled")));
        }

        foreach (var (name, value) in identity.SessionNotes)
        {
            tab.SessionNotes[name] = value;
        }

        tab.SessionNotes[LoginNotes.IdentityProvider] = identity.Provider;
        tab.SessionNotes[LoginNotes.IdentityProviderIdentity] = identity.Username;
        KeepTokens(tab, identity);
        tab.SetNote(LoginNotes.BrokerAuthTime, identity.ProvedAt?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        tab.SetNote(LoginNotes.BrokerSessionId, identity.SessionId);
        tab.SetNote(LoginNotes.BrokerUserId, identity.AccountKey);
        tab.SetNote(LoginNotes.Brokered, null);
        tab.SetNote(LoginNotes.BrokerPassed, null);
        tab.Path = LoginPaths.Authenticate;
        return signIn.AcceptAsync(context);
    }

    private static void KeepTokens(AuthenticationTab tab, BrokeredIdentity identity)
    {
        foreach (var (note, token) in identity.Tokens)
        {
            tab.SessionNotes[note] = token;
        }

        if (identity.IdToken is { } id)
        {
            tab.SessionNotes[LoginNotes.FederatedIdToken] = id;
        }
    }

    /// <summary>The account whose flow of that kind was gone through in this sign-in, while its provider is still there.</summary>
    private static (IdentityProvider Provider, BrokeredIdentity Identity)? Waiting(LoginContext context, string path) =>
        context.Tab.Path == path && context.Tab.Note(LoginNotes.BrokerPassed) == path ? Steps.Broker.Arrival.Of(context) : null;

    private static LoginOutcome.Show Busy() => new(new ErrorPage(503, "internalServerError"));

    private static LoginOutcome.Show Unexpected() => new(new ErrorPage(502, "identityProviderUnexpectedErrorMessage"));
}
