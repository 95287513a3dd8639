using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Authorize;

/// <summary>
/// An authorization request (RFC 6749 §4.1.1, OIDC Core §3.1.2.1) on its way through the checks. Until <see cref="RedirectUri"/> is verified nothing
/// can be sent to it: a refusal before that is a page.
/// </summary>
public sealed class AuthorizeRequest(Realm realm, ServerAddresses server, Dictionary<string, string> parameters)
{
    public Realm Realm => realm;

    /// <summary>Where the server was reached.</summary>
    public ServerAddresses Server => server;

    /// <summary>The parameters, each once; those of a request object laid over the ones outside it.</summary>
    public Dictionary<string, string> Parameters { get; } = parameters;

    /// <summary>Set by the first check.</summary>
    public Client Client { get; set; } = null!;

    /// <summary>Where the answer goes. Null until the client is known to own it.</summary>
    public string? RedirectUri { get; set; }

    /// <summary>Where an invitation that was verified leads; it counts where the request names no address of its own.</summary>
    public string? InvitedTo { get; init; }

    /// <summary>How the answer goes. A default until the request's own wish is checked.</summary>
    public ResponseMode ResponseMode { get; set; } = ResponseMode.Query;

    public ResponseType ResponseType { get; set; } = ResponseType.None;

    /// <summary>Whether type and mode are verified.</summary>
    public bool ModeIsVerified { get; set; }

    /// <summary>Whether the request is at this moment pushed by its client (RFC 9126 §2.1): no browser is there.</summary>
    public bool IsBeingPushed { get; init; }

    /// <summary>Whether the request came by a pushed request (RFC 9126 §4).</summary>
    public bool Pushed { get; set; }

    /// <summary>Whether the request was checked before and is taken up again: its object was read then, and is no longer there.</summary>
    public bool IsResumed { get; init; }

    /// <summary>What the request object (RFC 9101) that its parameters came in says of itself; null where none was read.</summary>
    public RequestObjectFacts? Object { get; set; }

    /// <summary>Whether something stands beside the reference to a pushed request that was not pushed.</summary>
    public bool HasMoreThanPushed { get; set; }

    /// <summary>The reference that it came by; it counts no more when somebody has signed in by it.</summary>
    public string? Reference { get; set; }

    /// <summary>The flow that a client policy wants people to sign in by.</summary>
    public DemandedFlow? DemandedFlow { get; set; }

    /// <summary>What the request says in two ways: a parameter that is there twice, or otherwise inside its object than outside.</summary>
    public string? Conflict { get; set; }

    /// <summary>A parameter, or null when absent or empty: RFC 6749 §3.1 treats both alike.</summary>
    public string? this[string name] => Parameters.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public IReadOnlyList<string> List(string name) => this[name]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
}

/// <summary>What a request object says of itself (RFC 7519 §4.1), in seconds since 1970.</summary>
/// <param name="IsEncrypted">Whether it came encrypted.</param>
/// <param name="DiffersFromOutside">Whether a parameter beside it is not in it, or otherwise.</param>
public sealed record RequestObjectFacts(long? Expires, long? NotBefore, long? Issued, IReadOnlyList<string> Audience, bool IsEncrypted, bool DiffersFromOutside);

/// <summary>A flow to sign in by, and the level of authentication that it stands for.</summary>
public sealed record DemandedFlow(string Alias, int? Level);

/// <summary>Why a request goes no further, and whom to tell.</summary>
/// <param name="PageKey">Message key of a page: the client cannot be told. Null when it can.</param>
public sealed record AuthorizeRefusal(ProtocolError Error, string? PageKey = null, IReadOnlyList<object?>? PageArguments = null)
{
    /// <summary>The message of a request that cannot even be read.</summary>
    public const string InvalidRequest = "invalidRequestMessage";

    /// <summary>Whether the sign-in counts as begun, so that the browser gets the cookie of one.</summary>
    public bool BeginsSignIn { get; init; }

    /// <summary>Whether the event of the refusal says why, as the client is told.</summary>
    public bool TellsReason { get; init; } = true;

    /// <summary>A page; the redirect URI is not to be trusted.</summary>
    public static AuthorizeRefusal Page(string eventError, string key, params object?[] arguments) => new(new ProtocolError(eventError), key, arguments);

    /// <summary>A page, whose event says why.</summary>
    public static AuthorizeRefusal PageWithReason(string eventError, string key, string reason) => new(new ProtocolError(eventError, reason), key);

    public static AuthorizeRefusal PageWithStatus(int status, string eventError, string key) => new(new ProtocolError(eventError, Status: status), key);

    /// <summary>The client is told at its redirect URI (RFC 6749 §4.1.2.1).</summary>
    /// <param name="pushStatus">The status where the client hears of it at once, as it pushes the request.</param>
    public static AuthorizeRefusal Redirect(string error, string? description = null, int pushStatus = 400) => new(new ProtocolError(error, description, pushStatus));
}

/// <summary>How parameters go back to the client.</summary>
public enum ResponseMode
{
    Query, Fragment, FormPost, QueryJwt, FragmentJwt, FormPostJwt,
}

/// <summary>What goes back to the client.</summary>
[Flags]
public enum ResponseType
{
    None = 0, Code = 1, Token = 2, IdToken = 4,
}
