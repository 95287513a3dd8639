using System.Globalization;
using Castellan.Core.Codes;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Core.Users;

namespace Castellan.Core.Login;

/// <summary>A sign-in that is done: the session, and what the client is told.</summary>
public sealed record SignedIn(UserSession Session, ClientSession ClientSession, bool IsNew, List<KeyValuePair<string, string>> Parameters);

/// <summary>Ends a sign-in: the session, the client's part of it, and the code. Of any number of requests that come to the end of one tab, one gets there.</summary>
public sealed class Completion(LoginServices services, SignInProtocols protocols, IOneUse oneUse)
{
    /// <summary>Who else is signed in at this browser, or was when the sign-in began: one browser, one session, and nobody loses it to another unawares.</summary>
    public async ValueTask<User?> SomebodyElseAsync(LoginContext context)
    {
        var session = context.BrowserSession
            ?? (context.Tab.ClientNote(LoginNotes.Beside) is { } id && await services.Sessions.FindAsync(context.Realm.Id, id, ct: context.Ct) is { } beside
                && SessionLifetimes.IsAlive(context.Realm, beside, context.Now) ? beside : null);
        return session is null || session.UserId == context.User!.Id ? null : await services.Users.FindAsync(context.Realm.Id, session.UserId, context.Ct);
    }

    /// <summary>Null when another request was faster, or the sign-in was left open: nobody gets a session back that has ended.</summary>
    public async ValueTask<SignedIn?> FinishAsync(LoginContext context)
    {
        var tab = context.Tab;
        if (context.IsLeftOpen || !await services.Tabs.TakeAsync(tab, context.Ct))
        {
            return null;
        }

        if (tab.ClientNote(LoginNotes.PushedReference) is { } reference)
        {
            // RFC 9126 §7.3: whoever sees the reference in a history gets nothing by it.
            await oneUse.TakeAsync(context.Realm.Id, OneUseKinds.PushedRequest, reference, context.Ct);
        }

        var (session, isNew) = Session(context);
        var before = isNew ? null : session.Client(context.Client.Id);
        var isOver = before is not null && !SessionLifetimes.IsAlive(context.Realm, context.Client, session, before, context.Now);
        var client = ClientSession(context, session.Id, isNew);
        client = before is null || isOver ? client : client with { Started = before.Started };
        if (isNew)
        {
            session = session with { Clients = [client] };
        }
        else if (!await services.Sessions.SaveAsync(session, context.Ct)
            || !await (isOver ? services.Sessions.RestartAsync(context.Realm.Id, client, before!, context.Ct) : services.Sessions.AttachAsync(context.Realm.Id, client, context.Ct)))
        {
            // The session ended between the two requests: the person begins anew rather than getting a code for nothing.
            return null;
        }

        if (tab.Note(LoginNotes.SsoAuth) is null)
        {
            await services.Guard.SucceededAsync(context.Realm, context.User!.Id, context.Ct);
        }

        // Written together with the code, which without its session is worth nothing; the browser hears of it when both are there.
        var added = isNew ? services.Sessions.AddAsync(session, context.Ct).AsTask() : Task.CompletedTask;
        var parameters = protocols.Of(tab).AnswerAsync(context, session, client).AsTask();
        await Task.WhenAll(added, parameters);
        await TellAsync(context, session);
        return new SignedIn(session, client, isNew, await parameters);
    }

    private static (UserSession Session, bool IsNew) Session(LoginContext context)
    {
        var tab = context.Tab;
        var now = context.Now;
        var proved = tab.Note(LoginNotes.SsoAuth) is null;
        // The same person in the same browser goes on with the session that is there.
        if (context.BrowserSession is { } existing && existing.UserId == context.User!.Id && (proved || tab.UserSessionId == existing.Id))
        {
            var notes = new Dictionary<string, string>(existing.Notes);
            Merge(notes, tab, proved, now);
            return (existing with
            {
                LastAccess = now,
                Notes = notes,
                RememberMe = existing.RememberMe || tab.Note(LoginNotes.RememberMe) == "true",
                BrokerSessionId = tab.Note(LoginNotes.BrokerSessionId) ?? existing.BrokerSessionId,
                BrokerUserId = tab.Note(LoginNotes.BrokerUserId) ?? existing.BrokerUserId,
            }, false);
        }

        var fresh = new Dictionary<string, string>();
        Merge(fresh, tab, true, now);
        Device.Keep(fresh, context.Request.UserAgent);
        if (tab.Protocol != SignInProtocols.OpenIdConnect)
        {
            fresh[LoginNotes.AuthMethod] = tab.Protocol;
        }

        return (new UserSession
        {
            Id = Secret.Base64Url(18), RealmId = context.Realm.Id, UserId = context.User!.Id, Started = now, LastAccess = now,
            LoginUsername = tab.Note(LoginNotes.AttemptedUsername) ?? context.User.Username, IpAddress = context.Request.IpAddress,
            RememberMe = tab.Note(LoginNotes.RememberMe) == "true", Notes = fresh,
            BrokerSessionId = tab.Note(LoginNotes.BrokerSessionId), BrokerUserId = tab.Note(LoginNotes.BrokerUserId),
        }, true);
    }

    private static void Merge(Dictionary<string, string> notes, AuthenticationTab tab, bool proved, long now)
    {
        foreach (var (name, value) in tab.SessionNotes)
        {
            notes[name] = value;
        }

        if (proved)
        {
            // OIDC Core §2, auth_time: when the person did it, and that was there if they came by a provider that says so.
            var proof = long.TryParse(tab.Note(LoginNotes.BrokerAuthTime), NumberStyles.None, CultureInfo.InvariantCulture, out var there) ? Math.Min(there, now / 1000) : now / 1000;
            notes[LoginNotes.AuthTime] = proof.ToString(CultureInfo.InvariantCulture);
        }
    }

    private ClientSession ClientSession(LoginContext context, string sessionId, bool isNew)
    {
        var tab = context.Tab;
        var notes = new Dictionary<string, string>();
        foreach (var name in protocols.Of(tab).Kept)
        {
            if (tab.ClientNote(name) is { } value)
            {
                notes[name] = value;
            }
        }

        notes["iss"] = context.Request.Issuer;
        if (tab.Note(LoginNotes.OrganizationChosen) is { } organization)
        {
            notes[Organizations.OrganizationScope.ChoiceNote] = organization;
        }

        if (tab.Note(LoginNotes.SsoAuth) is { } sso)
        {
            notes[LoginNotes.SsoAuth] = sso;
        }

        if (isNew && Scopes.Split(tab.ClientNote("scope")).Contains("offline_access"))
        {
            notes[LoginNotes.BegunForOffline] = "true";
        }

        if ((tab.ClientNote(LoginNotes.DemandedFlowLevel) is not null || Levels.Configured(context.Flow ?? Flows.Of(context.Realm).Browser(context.Client)!).Any()) && tab.Note(LoginNotes.LevelNow) is { } level && level != "-1")
        {
            notes[LoginNotes.Level] = level;
        }

        return new ClientSession { SessionId = sessionId, ClientId = context.Client.Id, Started = context.Now, LastAccess = context.Now, Notes = notes };
    }

    private async ValueTask TellAsync(LoginContext context, UserSession session)
    {
        context.Event.SessionId = session.Id;
        context.Event.UserId = session.UserId;
        protocols.Of(context.Tab).Describe(context.Tab, context.Event);
        context.Event.With("username", context.Tab.Note(LoginNotes.AttemptedUsername) ?? context.User!.Username)
            .With("consent", Consents.Asks(context) ? context.Event.Details?.GetValueOrDefault("consent") ?? "persisted_consent" : "no_consent_required");
        await services.Events.RecordAsync(context.Realm, context.Event, context.Ct);
    }
}
