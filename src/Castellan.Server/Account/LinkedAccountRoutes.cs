using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Server.Admin;

namespace Castellan.Server.Account;

/// <summary>A person's accounts at identity providers.</summary>
internal static class LinkedAccountRoutes
{
    private static readonly HashSet<string> s_notSocial = new(StringComparer.Ordinal) { "oidc", "keycloak-oidc", "saml", "oauth2", "kubernetes", "jwt-authorization-grant", "spiffe" };

    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["github"] = "GitHub", ["gitlab"] = "GitLab", ["google"] = "Google", ["facebook"] = "Facebook", ["microsoft"] = "Microsoft", ["twitter"] = "Twitter",
        ["linkedin-openid-connect"] = "LinkedIn", ["instagram"] = "Instagram", ["bitbucket"] = "BitBucket", ["paypal"] = "PayPal",
        ["stackoverflow"] = "StackOverflow", ["openshift-v4"] = "Openshift v4",
    };

    public static IReadOnlyList<AccountRoute> All { get; } =
    [
        AccountRoute.View("/linked-accounts", ListAsync) with { NoCache = false },
        AccountRoute.View("/linked-accounts/{alias}", LinkAsync) with { NoCache = false },
        AccountRoute.Manage("DELETE", "/linked-accounts/{alias}", UnlinkAsync) with { NoCache = false },
    ];

    private static async ValueTask<AdminAnswer> ListAsync(AccountContext context)
    {
        var links = await context.Users.FederatedIdentitiesAsync(context.Realm.Id, context.User.Id, context.Aborted);
        var shown = context.Realm.Data.IdentityProviders.Where(p => p.Enabled != false && p.Alias is not null && IsShown(p, links.Exists(l => l.IdentityProvider == p.Alias))).Select(p =>
        {
            var link = links.Find(l => l.IdentityProvider == p.Alias);
            var name = p.DisplayName is { Length: > 0 } own ? own : s_names.GetValueOrDefault(p.ProviderId ?? "", p.Alias!);
            return new LinkedAccount(link is not null, p.Alias!, p.Alias!, name, !s_notSocial.Contains(p.ProviderId ?? ""), link?.UserName);
        });
        shown = context.Query("linked") switch
        {
            "true" => shown.Where(l => l.Connected),
            "false" => shown.Where(l => !l.Connected),
            _ => shown,
        };
        var places = context.Realm.Data.IdentityProviders.Where(p => p.Alias is not null).ToDictionary(p => p.Alias!, Place, StringComparer.Ordinal);
        var ordered = shown.OrderBy(l => places[l.ProviderAlias]).ThenBy(l => l.DisplayName, StringComparer.Ordinal).ToList();
        return AdminAnswer.Json(context.Query("linked") is "true" or "false" ? Page(context, ordered) : ordered, AccountJson.Default.ListLinkedAccount);
    }

    /// <summary>The place among the others that an administrator gave it; those without one come last.</summary>
    private static int Place(IdentityProviderRepresentation provider) => int.TryParse(provider.Config?.GetValueOrDefault("guiOrder"), out var place) ? place : int.MaxValue;

    /// <summary>Whether somebody came into being by the provider of an organization that they are in: without it they would be cut off from there.</summary>
    private static async ValueTask<bool> IsBoundAsync(AccountContext context, string alias)
    {
        if (context.Realm.Settings.OrganizationsEnabled != true || context.Realm.Data.IdentityProviders.FirstOrDefault(p => p.Alias == alias)?.OrganizationId is not { } id)
        {
            return false;
        }

        var organizations = context.Service<Core.Organizations.IOrganizationStore>();
        return await organizations.FindAsync(context.Realm.Id, id, context.Aborted) is { Enabled: not false }
            && await organizations.FindMemberAsync(context.Realm.Id, id, context.User.Id, context.Aborted) is { Managed: true };
    }

    /// <summary>The provider of an organization is for those who belong to it, and are linked by signing in; others are shown as their settings say.</summary>
    private static bool IsShown(IdentityProviderRepresentation provider, bool linked) =>
        (linked || provider.OrganizationId is null) && provider.Config?.GetValueOrDefault("showInAccountConsole") switch { "NEVER" => false, "WHEN_LINKED" => linked, _ => true };

    /// <summary>Of accounts of one kind a part may be asked for: by words (whole in quotes, between stars anywhere, else the beginning) of alias or name, and by place.</summary>
    private static List<LinkedAccount> Page(AccountContext context, List<LinkedAccount> all)
    {
        var first = int.TryParse(context.Query("first"), out var from) && from > 0 ? from : 0;
        var max = int.TryParse(context.Query("max"), out var most) && most >= 0 ? most : int.MaxValue;
        var found = context.Query("search") is { Length: > 0 } search ? all.FindAll(l => Matches(l.ProviderAlias, search) || Matches(l.DisplayName, search)) : all;
        return [.. found.Skip(first).Take(max)];
    }

    private static bool Matches(string text, string search) => search.Length > 1 && (search[0], search[^1]) is ('"', '"') ? text == search[1..^1]
        : search.Length > 1 && (search[0], search[^1]) is ('*', '*') ? text.Contains(search[1..^1], StringComparison.OrdinalIgnoreCase)
        : text.StartsWith(search.TrimEnd('*'), StringComparison.OrdinalIgnoreCase);

    /// <summary>The old way to link is closed in Keycloak too; the required action <c>idp_link</c> does it.</summary>
    private static ValueTask<AdminAnswer> LinkAsync(AccountContext context) =>
        new(AdminAnswer.Message(404, "Legacy client-initiated account linking is disabled. Use AIA with kc_action=idp_link instead."));

    private static async ValueTask<AdminAnswer> UnlinkAsync(AccountContext context)
    {
        var alias = context.Route("alias");
        if (context.Realm.Data.IdentityProviders.All(p => p.Alias != alias))
        {
            return AdminAnswer.Message(400, "identityProviderNotFoundMessage");
        }

        var links = await context.Users.FederatedIdentitiesAsync(context.Realm.Id, context.User.Id, context.Aborted);
        if (links.Find(l => l.IdentityProvider == alias) is not { } link)
        {
            return AdminAnswer.Message(400, "This identity is not active anymore.");
        }

        if (await IsBoundAsync(context, alias))
        {
            return AdminAnswer.Message(400, "You cannot remove the link to an identity provider associated with an organization.");
        }

        // Whoever signs in through a provider alone would be locked out without it.
        var credentials = await context.Users.CredentialsAsync(context.Realm.Id, context.User.Id, context.Aborted);
        if (links.Count == 1 && context.User.Representation.FederationLink is null && !credentials.Exists(c => c.Type is "password" or "webauthn-passwordless"))
        {
            return AdminAnswer.Message(400, "You can not remove last federated identity as you do not have a password.");
        }

        await context.ApplyAsync(new DeleteFederatedIdentity(context.User.Id, alias));
        await context.RecordAsync(new LoginEvent { Type = EventTypes.RemoveFederatedIdentity }
            .With("username", context.User.Username).With("identity_provider", alias).With("identity_provider_identity", link.UserName));
        return AdminAnswer.NoContent;
    }
}
