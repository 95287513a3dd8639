using Castellan.Server.Admin;

namespace Castellan.Server.Account;

/// <summary>Answers a call of the account API.</summary>
internal delegate ValueTask<AdminAnswer> AccountHandler(AccountContext context);

/// <summary>
/// A route below <c>/realms/{realm}/account</c>, and the roles of the client <c>account</c> of which one opens it; none: any caller.
/// </summary>
internal sealed record AccountRoute(string Method, string Path, IReadOnlyList<string> Roles, AccountHandler Handler)
{
    public const string ManageAccount = "manage-account";
    public const string ManageConsent = "manage-consent";
    public const string ViewConsent = "view-consent";

    private static readonly string[] s_view = ["view-profile", ManageAccount];
    private static readonly string[] s_manage = [ManageAccount];

    /// <summary>Whether good answers say <c>Cache-Control: no-cache</c>.</summary>
    public bool NoCache { get; init; } = true;

    public static AccountRoute View(string path, AccountHandler handler) => new("GET", path, s_view, handler);

    public static AccountRoute Manage(string method, string path, AccountHandler handler) => new(method, path, s_manage, handler);
}
