using System.Text.Json.Serialization;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Realms;

namespace Castellan.Core.Login;

/// <summary>How far an execution of the flow has come.</summary>
public enum ExecutionStatus
{
    Failed, Success, Challenged, Attempted, SetupRequired, HoldsTrue,
}

/// <summary>
/// A sign-in under way: one tab of one browser. The browser knows it by a signed cookie (<see cref="RootId"/>) and an id in its URLs
/// (<see cref="TabId"/>); what has been proved so far stands here and nowhere else. Times are milliseconds since 1970.
/// </summary>
public sealed class AuthenticationTab
{
    public required string RealmId { get; init; }

    /// <summary>Shared by all tabs of a browser.</summary>
    public required string RootId { get; init; }

    public required string TabId { get; init; }

    /// <summary>The internal id of the client that asked.</summary>
    public required string ClientId { get; init; }

    public required long Started { get; init; }

    public long Expires { get; set; }

    /// <summary>When the person last went on. Who takes longer for a page than the realm allows begins anew.</summary>
    public long Touched { get; set; }

    /// <summary>Counts the writes; one that was based on an older state is refused.</summary>
    public long Version { get; set; }

    /// <summary>Whether it came out of the store, or was put there.</summary>
    [JsonIgnore]
    public bool IsStored { get; set; }

    /// <summary>Which part of the sign-in is at work: <c>authenticate</c>, <c>registration</c>, <c>reset-credentials</c>, <c>required-action</c>.</summary>
    public string Path { get; set; } = LoginPaths.Authenticate;

    /// <summary>The execution or required action whose page was shown last.</summary>
    public string? Execution { get; set; }

    /// <summary>What the form of that page must bring along; new after each use.</summary>
    public string? Code { get; set; }

    /// <summary>Who signs in, once that is known. Known is not proved: that is what <see cref="Statuses"/> say.</summary>
    public string? UserId { get; set; }

    public string? RedirectUri { get; set; }

    /// <summary>By which protocol its client asked.</summary>
    [JsonIgnore]
    public string Protocol => ClientNote(LoginNotes.Protocol) ?? SignInProtocols.OpenIdConnect;

    /// <summary>The session to go on with, when the browser was signed in already.</summary>
    public string? UserSessionId { get; set; }

    public Dictionary<string, ExecutionStatus> Statuses { get; set; } = [];

    /// <summary>What the steps remember.</summary>
    public Dictionary<string, string> Notes { get; set; } = [];

    /// <summary>What the client asked: the parameters of its request.</summary>
    public Dictionary<string, string> ClientNotes { get; set; } = [];

    /// <summary>What the user's session will remember.</summary>
    public Dictionary<string, string> SessionNotes { get; set; } = [];

    /// <summary>Required actions of this sign-in, beside those that stand with the user.</summary>
    public List<string> RequiredActions { get; set; } = [];

    /// <summary>Those of the required actions that stand for a part of the flow: without them the flow is not passed.</summary>
    public List<string> SetUps { get; set; } = [];

    public string? Note(string name) => Notes.GetValueOrDefault(name);

    public string? ClientNote(string name) => ClientNotes.GetValueOrDefault(name);

    /// <summary>Whether an account may be made here: by everybody where the realm allows it, always by who was invited.</summary>
    public bool MayRegister(Realm realm) => (realm.Settings.RegistrationAllowed ?? false) || ClientNote(LoginNotes.Invitation) is not null;

    /// <summary>Sets a note; null removes it.</summary>
    public void SetNote(string name, string? value)
    {
        if (value is null)
        {
            Notes.Remove(name);
        }
        else
        {
            Notes[name] = value;
        }
    }

    /// <summary>A part of the flow is passed by doing this action.</summary>
    public void SetUpBy(string action)
    {
        if (!RequiredActions.Contains(action))
        {
            RequiredActions.Add(action);
        }

        if (!SetUps.Contains(action))
        {
            SetUps.Add(action);
        }
    }

    /// <summary>Another tab of the browser for the same request of the client, with nothing proved.</summary>
    public AuthenticationTab Fork(long now)
    {
        var fork = new AuthenticationTab
        {
            RealmId = RealmId, RootId = RootId, TabId = Secret.Base64Url(8), ClientId = ClientId, Started = now, Touched = now, Expires = now + (Expires - Started),
            RedirectUri = RedirectUri, ClientNotes = new(ClientNotes),
        };
        fork.SetNote("kc_locale", Note("kc_locale"));
        fork.SetNote(LoginNotes.Forked, TabId);
        fork.SetNote(LoginNotes.EndAfterActions, Note(LoginNotes.EndAfterActions));
        return fork;
    }

    /// <summary>The present part from its beginning; what it is about stays.</summary>
    public void Again()
    {
        Execution = null;
        UserId = null;
        Statuses.Clear();
        RequiredActions.Clear();
        SetNote(LoginNotes.Selected, null);
    }

    /// <summary>Forgets what was proved and who signs in; the client's request stays.</summary>
    public void Reset(string path)
    {
        Path = path;
        Execution = null;
        UserId = null;
        UserSessionId = null;
        Statuses.Clear();
        Notes.Clear();
        SessionNotes.Clear();
        RequiredActions.Clear();
        SetUps.Clear();
    }
}

/// <summary>The last segments of <c>login-actions/…</c>.</summary>
public static class LoginPaths
{
    public const string Authenticate = "authenticate";
    public const string Registration = "registration";
    public const string ResetCredentials = "reset-credentials";
    public const string RequiredAction = "required-action";
    public const string FirstBrokerLogin = "first-broker-login";
    public const string PostBrokerLogin = "post-broker-login";

    /// <summary>Whether a part belongs to an account of an identity provider, and so cannot be entered without one.</summary>
    public static bool IsBroker(string path) => path is FirstBrokerLogin or PostBrokerLogin;
}

/// <summary>Where sign-ins under way lie. Expired ones are not found.</summary>
public interface IAuthenticationTabs
{
    ValueTask<AuthenticationTab?> FindAsync(string realmId, string rootId, string tabId, CancellationToken ct = default);

    /// <summary>Whether the browser has any sign-in under way.</summary>
    ValueTask<bool> AnyAsync(string realmId, string rootId, CancellationToken ct = default);

    ValueTask AddAsync(AuthenticationTab tab, CancellationToken ct = default);

    /// <summary>Writes the tab while nobody else has since it was read, and raises its version; false when somebody has, or it is gone.</summary>
    ValueTask<bool> SaveAsync(AuthenticationTab tab, CancellationToken ct = default);

    /// <summary>Removes the tab. Of any number of callers at most one gets true: the one that may finish the sign-in.</summary>
    ValueTask<bool> TakeAsync(AuthenticationTab tab, CancellationToken ct = default);

    /// <summary>Removes all tabs of a browser.</summary>
    ValueTask RemoveAllAsync(string realmId, string rootId, CancellationToken ct = default);
}

/// <summary>The JSON in which sign-ins under way are stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuthenticationTab))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, int>))]
[JsonSerializable(typeof(Dictionary<string, long>))]
[JsonSerializable(typeof(ReturnAddress))]
public sealed partial class LoginJson : JsonSerializerContext;

/// <summary>What a URL says of its client's request, so that a browser whose sign-in is gone can still be sent home: <c>client_data</c>.</summary>
public sealed record ReturnAddress(
    [property: JsonPropertyName("ru")] string? RedirectUri, [property: JsonPropertyName("rt")] string? ResponseType,
    [property: JsonPropertyName("rm")] string? ResponseMode, [property: JsonPropertyName("st")] string? State);
