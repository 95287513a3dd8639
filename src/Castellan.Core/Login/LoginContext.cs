using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Sessions;
using Castellan.Core.Users;

namespace Castellan.Core.Login;

/// <summary>One request of a sign-in: who asks, what stands already, what the steps may use.</summary>
public sealed class LoginContext
{
    public required Realm Realm { get; init; }

    public required Client Client { get; init; }

    public required AuthenticationTab Tab { get; set; }

    public required LoginServices Services { get; init; }

    public required LoginRequest Request { get; init; }

    public required CancellationToken Ct { get; init; }

    /// <summary>The event that is told when the sign-in ends.</summary>
    public required LoginEvent Event { get; init; }

    /// <summary>The parameters of a password grant, for the steps of its flow.</summary>
    public LoginForm? GrantForm { get; init; }

    /// <summary>The top-level flow that runs.</summary>
    public Flow? Flow { get; set; }

    /// <summary>The execution at work.</summary>
    public Execution? Execution { get; set; }

    /// <summary>The person, as far as known.</summary>
    public User? User { get; private set; }

    /// <summary>The session that the browser's cookie proves, if any and still alive.</summary>
    public UserSession? BrowserSession { get; init; }

    /// <summary>The same where the sign-in does not go on with it: a forgotten password, or a registration, begins beside it.</summary>
    public UserSession? SignedInHere { get; init; }

    /// <summary>
    /// Whether what the sign-in goes by is gone: the session that let the person pass without a proof has ended, or the person was deleted. Nothing may
    /// be done by it but to begin anew.
    /// </summary>
    public bool IsLeftOpen => (Tab.UserSessionId is { } began && BrowserSession?.Id != began) || (Tab.UserId is not null && User is null);

    /// <summary>For whom pages are written while nobody signs in: the person whom the link of a mail is for.</summary>
    public User? Addressee { get; set; }

    /// <summary>The language that the browser is to remember; empty for none, null for what it remembers already.</summary>
    public string? Language { get; private set; }

    public long Now => Services.Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Says who signs in. Proves nothing.</summary>
    public void Identify(User? user)
    {
        User = user;
        Tab.UserId = user?.Id;
        Event.UserId = user?.Id;
    }

    /// <summary>Reads the person that the tab names.</summary>
    public async ValueTask LoadUserAsync()
    {
        if (Tab.UserId is { } id && User?.Id != id)
        {
            User = await Services.Users.FindAsync(Realm.Id, id, Ct);
            Event.UserId = User?.Id;
        }
    }

    /// <summary>
    /// Changes the person as they are now, not as this request read them: people are written whole, and an administrator or a lock-out may have changed
    /// them while a password was hashed. Whoever was deleted meanwhile stays so.
    /// </summary>
    /// <param name="change">Answers whether there is something to write.</param>
    /// <returns>Whether the person is there still.</returns>
    public async ValueTask<bool> ChangeUserAsync(Func<UserRepresentation, bool> change)
    {
        if (await Services.Users.FindAsync(Realm.Id, User!.Id, Ct) is not { } user)
        {
            return false;
        }

        var changed = UserRepresentations.Copy(user.Representation);
        if (change(changed))
        {
            await Services.ApplyAsync(Realm, Ct, new PutUser(changed));
            user = await Services.Users.FindAsync(Realm.Id, user.Id, Ct) ?? user;
        }

        Identify(user);
        return true;
    }

    /// <summary>Puts an action down for the person, also for sign-ins to come.</summary>
    public async ValueTask RequireAsync(string action) => await ChangeUserAsync(person =>
    {
        if (person.RequiredActions?.Contains(action) ?? false)
        {
            return false;
        }

        (person.RequiredActions ??= []).Add(action);
        return true;
    });

    /// <summary>The browser of a person who is known shows their language from now on, also before they sign in.</summary>
    public void RememberLanguage(User user)
    {
        if (Realm.Settings.InternationalizationEnabled ?? false)
        {
            Language = Tab.Note("kc_locale") ?? user.Attribute("locale") ?? "";
        }
    }

    /// <summary>The tab waits for the link of a mail; the person goes on in another one, from the beginning.</summary>
    public async ValueTask ForkAsync()
    {
        if (Tab.IsStored)
        {
            await Services.Tabs.SaveAsync(Tab, Ct);
        }
        else
        {
            await Services.Tabs.AddAsync(Tab, Ct);
        }

        Tab = Tab.Fork(Now);
        Identify(null);
    }

    /// <summary>Notes that a credential was used, for conditions, the claim <c>amr</c> and the event.</summary>
    public void UsedCredential(string type)
    {
        var used = Tab.Note(LoginNotes.CredentialsUsed);
        Tab.SetNote(LoginNotes.CredentialsUsed, used is null ? type : $"{used}##{type}");
    }

    /// <summary>Whether the person proved themselves with this type of credential in this sign-in.</summary>
    public bool HasUsed(string type) => Tab.Note(LoginNotes.CredentialsUsed)?.Split("##").Contains(type) ?? false;

    /// <summary>The messages that an earlier part of the sign-in left for the next page; each is shown once.</summary>
    public IEnumerable<LoginMessage> TakeForwarded()
    {
        foreach (var (note, kind) in (ReadOnlySpan<(string, MessageKind)>)[(LoginNotes.ForwardedError, MessageKind.Error), (LoginNotes.ForwardedSuccess, MessageKind.Success), (LoginNotes.ForwardedInfo, MessageKind.Info)])
        {
            if (Tab.Notes.Remove(note, out var key))
            {
                // The key, and behind a line's end each of its arguments.
                var parts = key.Split('\n');
                return [new LoginMessage(kind, parts[0], [.. parts[1..]])];
            }
        }

        return [];
    }
}

/// <summary>What a request brings along beside its form.</summary>
/// <param name="Origin">Scheme and authority under which the browser sees the server; what WebAuthn binds to.</param>
public sealed record LoginRequest(string? IpAddress, string Origin, string Issuer)
{
    public string? UserAgent { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Query { get; init; } = new Dictionary<string, string>();

    public string? RememberedUsername { get; init; }

    /// <summary>Languages that the browser remembers and prefers, best first.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];
}

/// <summary>Failures that are told at once, while the sign-in goes on.</summary>
public static class LoginFailures
{
    /// <summary>Records that an attempt failed. The event of the sign-in itself stays as it is.</summary>
    public static ValueTask TellAsync(this LoginContext context, string error)
    {
        var told = new LoginEvent
        {
            Type = context.Event.Type, ClientId = context.Event.ClientId, UserId = context.Event.UserId, SessionId = context.Event.SessionId, IpAddress = context.Event.IpAddress,
            Details = context.Event.Details is { } details ? new(details) : null,
        };
        return context.Services.Events.RecordAsync(context.Realm, told.Failed(error), context.Ct);
    }
}
