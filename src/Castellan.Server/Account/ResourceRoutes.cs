using System.Globalization;
using Castellan.Core;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Authorization.Requesting;
using Castellan.Core.Authorization.Sharing;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Server.Admin;

namespace Castellan.Server.Account;

/// <summary>What a person shares: their resources, who may do what with them, who asks, and what others share with them. There only where the realm lets people share.</summary>
internal static class ResourceRoutes
{
    public static IReadOnlyList<AccountRoute> All { get; } =
    [
        View("/resources", ListAsync),
        View("/resources/shared-with-me", context => SharedAsync(context, new(RequesterId: context.User.Id, Granted: true), withPeople: false)),
        View("/resources/shared-with-others", context => SharedAsync(context, new(OwnerId: context.User.Id, Granted: true), withPeople: true)),
        View("/resources/pending-requests", PendingAsync),
        View("/resources/{id}", One(async (context, held) => Answer(await ShowAsync(context, held)))),
        View("/resources/{id}/permissions", One((context, held) => PeopleAsync(context, held, granted: true))),
        AccountRoute.Manage("PUT", "/resources/{id}/permissions", Guarded(One(ShareAsync))) with { NoCache = false },
        View("/resources/{id}/permissions/requests", One((context, held) => PeopleAsync(context, held, granted: false))),
        View("/resources/{id}/user", One((context, _) => FindUserAsync(context))),
    ];

    private static AccountRoute View(string path, AccountHandler handler) => AccountRoute.View(path, Guarded(handler)) with { NoCache = false };

    private static AccountHandler Guarded(AccountHandler then) => context =>
        !context.Service<Features>().Has("authorization") ? new(AdminAnswer.NotFoundHere)
        : context.Realm.Settings.UserManagedAccessAllowed is not true ? new(AdminAnswer.Message(403, "User-managed access not enabled"))
        : then(context);

    /// <summary>A resource of the person's own; whether another's is there is not said.</summary>
    private static AccountHandler One(Func<AccountContext, HeldResource, ValueTask<AdminAnswer>> then) => async context =>
        await Store(context).FindResourceAsync(context.Realm.Id, context.Route("id"), context.Aborted) is { } held && held.Resource.OwnerId == context.User.Id
            ? await then(context, held)
            : Invalid("invalid_resource");

    private static AdminAnswer Invalid(string error) => AdminAnswer.Error(400, error);

    private static IAuthorizationStore Store(AccountContext context) => context.Service<IAuthorizationStore>();

    private static IPermissionTickets Tickets(AccountContext context) => context.Service<IPermissionTickets>();

    private static AdminAnswer Answer(AccountResource? resource) =>
        resource is null ? Invalid("invalid_resource") : AdminAnswer.Json(resource, AccountJson.Default.AccountResource);

    private static async ValueTask<AdminAnswer> ListAsync(AccountContext context)
    {
        var (first, max) = Page(context);
        var name = context.Query("name") is { Length: > 0 } part ? part : null;
        var found = await Store(context).ResourcesOfOwnerAsync(context.Realm.Id, context.User.Id, name, first, max < 0 ? -1 : max + 1, context.Aborted);
        return await AnswerAsync(context, found, first, max, held => ShowAsync(context, held));
    }

    /// <summary>Resources that tickets are about, with their scopes, or with the people who have them. What others share may be looked for by a part of its name.</summary>
    private static async ValueTask<AdminAnswer> SharedAsync(AccountContext context, TicketQuery query, bool withPeople)
    {
        var (first, max) = Page(context);
        var found = new List<(HeldResource Held, List<PermissionTicket> Tickets)>();
        foreach (var of in (await Tickets(context).ListAsync(context.Realm.Id, query, ct: context.Aborted)).GroupBy(t => t.Ticket.ResourceId, t => t.Ticket, StringComparer.Ordinal))
        {
            if (await Store(context).FindResourceAsync(context.Realm.Id, of.Key, context.Aborted) is { } held
                && (withPeople || context.Query("name") is not { } name || held.Resource.Name.Contains(name, StringComparison.OrdinalIgnoreCase)))
            {
                found.Add((held, [.. of]));
            }
        }

        var page = found.Skip(first);
        return await AnswerAsync(context, [.. max < 0 ? page : page.Take(max + 1)], first, max, async one =>
        {
            var (held, tickets) = one;
            var shown = await ShowAsync(context, held, withPeople ? [] : [.. tickets.Select(t => t.ScopeId).OfType<string>()]);
            return withPeople && shown is not null ? shown with { Permissions = await PermissionsAsync(context, held, tickets) } : shown;
        });
    }

    /// <summary>What the person asked others for: each scope by itself, and always all of it.</summary>
    private static async ValueTask<AdminAnswer> PendingAsync(AccountContext context)
    {
        var shown = new List<AccountResource>();
        foreach (var (_, ticket) in await Tickets(context).ListAsync(context.Realm.Id, new(RequesterId: context.User.Id, Granted: false), ct: context.Aborted))
        {
            if (await Store(context).FindResourceAsync(context.Realm.Id, ticket.ResourceId, context.Aborted) is { } held
                && await ShowAsync(context, held, ticket.ScopeId is { } scope ? [scope] : []) is { } resource)
            {
                shown.Add(resource);
            }
        }

        return AdminAnswer.Json(shown, AccountJson.Default.ListAccountResource);
    }

    private static async ValueTask<AdminAnswer> AnswerAsync<T>(AccountContext context, List<T> found, int first, int max, Func<T, ValueTask<AccountResource?>> show)
    {
        var more = max >= 0 && found.Count > max;
        if (more)
        {
            context.LinkPage("next", first + max, max);
        }

        if (max >= 0 && found.Count > 0 && first > 0)
        {
            context.LinkPage("prev", Math.Max(0, first - max), max);
        }

        var shown = new List<AccountResource>();
        foreach (var one in more ? found.Take(max) : found)
        {
            if (await show(one) is { } resource)
            {
                shown.Add(resource);
            }
        }

        return AdminAnswer.Json(shown, AccountJson.Default.ListAccountResource);
    }

    /// <summary>A page where both of its ends are given; else everything.</summary>
    private static (int First, int Max) Page(AccountContext context) => Number(context, "first") is { } first && Number(context, "max") is { } max ? (first, max) : (0, -1);

    private static int? Number(AccountContext context, string name) => int.TryParse(context.Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < int.MaxValue ? number : null;

    /// <param name="only">The ids of the scopes to show; null for all that the resource has.</param>
    private static async ValueTask<AccountResource?> ShowAsync(AccountContext context, HeldResource held, IReadOnlyList<string>? only = null)
    {
        if (await context.Clients.FindByIdAsync(context.Realm, held.ClientId, context.Aborted) is not { } client)
        {
            return null;
        }

        var (resource, stored) = (held.Resource, held.Resource.Representation);
        var scopes = (await ScopesAsync(context, held)).Where(s => only?.Contains(s.Id!) is not false).Select(s => new AccountScope(s.Name!, s.DisplayName, s.IconUri)).ToList();
        return new()
        {
            Id = resource.Id, Name = resource.Name, DisplayName = stored.DisplayName, IconUri = stored.IconUri, Uris = stored.Uris ?? [], Scopes = scopes.Count > 0 ? scopes : null,
            Client = new(client.ClientId, client.Representation.Name, client.Representation.BaseUrl),
        };
    }

    /// <summary>The scopes that the resource has, its type's among them.</summary>
    private static async ValueTask<IReadOnlyList<ScopeRepresentation>> ScopesAsync(AccountContext context, HeldResource held)
    {
        var scopes = await Store(context).ScopesAsync(context.Realm.Id, held.ClientId, context.Aborted);
        return (await new PermissionRequests(Store(context), context.Realm.Id, held.ClientId, scopes).OfAsync(held.Resource, [], context.Aborted)).Scopes;
    }

    private static async ValueTask<AdminAnswer> PeopleAsync(AccountContext context, HeldResource held, bool granted)
    {
        var query = new TicketQuery(held.ClientId, ResourceId: held.Resource.Id, OwnerId: context.User.Id, Granted: granted);
        var tickets = (await Tickets(context).ListAsync(context.Realm.Id, query, ct: context.Aborted)).Select(t => t.Ticket);
        return AdminAnswer.Json(await PermissionsAsync(context, held, [.. tickets]), AccountJson.Default.ListAccountPermission);
    }

    private static async ValueTask<List<AccountPermission>> PermissionsAsync(AccountContext context, HeldResource held, List<PermissionTicket> tickets)
    {
        var scopes = await Store(context).ScopesAsync(context.Realm.Id, held.ClientId, context.Aborted);
        var shown = new List<AccountPermission>();
        foreach (var of in tickets.GroupBy(t => t.RequesterId, StringComparer.Ordinal))
        {
            if (await context.Users.FindAsync(context.Realm.Id, of.Key, context.Aborted) is { } user)
            {
                var one = Show(user);
                one.Scopes = [.. of.Select(t => scopes.Find(s => s.Id == t.ScopeId)?.Name).OfType<string>()];
                shown.Add(one);
            }
        }

        return shown;
    }

    private static AccountPermission Show(User user) => new()
    {
        Username = user.Username, Email = user.Representation.Email, FirstName = user.Representation.FirstName, LastName = user.Representation.LastName,
    };

    /// <summary>Whom the person may mean, by whole name or address; nobody is no answer.</summary>
    private static async ValueTask<AdminAnswer> FindUserAsync(AccountContext context)
    {
        if (context.Query("value") is not { Length: > 0 } value || await UserAsync(context, value) is not { } user)
        {
            return AdminAnswer.NoContent;
        }

        var shown = Show(user);
        shown.Id = user.Id;
        return AdminAnswer.Json(shown, AccountJson.Default.AccountPermission);
    }

    private static async ValueTask<User?> UserAsync(AccountContext context, string value)
    {
        var name = value.Trim().ToLowerInvariant();
        var user = await context.Users.FindByUsernameAsync(context.Realm.Id, name, context.Aborted)
            ?? (context.Realm.Settings.DuplicateEmailsAllowed is not true && name.Contains('@', StringComparison.Ordinal) ? await context.Users.FindByEmailAsync(context.Realm.Id, name, context.Aborted) : null);
        return user is { Representation.ServiceAccountClientId: null } ? user : null;
    }

    /// <summary>Gives each person exactly the scopes that are named, and takes the others back.</summary>
    private static async ValueTask<AdminAnswer> ShareAsync(AccountContext context, HeldResource held)
    {
        if (!(await context.ReadAsync(AccountJson.Default.ListAccountPermission)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        if (given is null or { Count: 0 or > WantedPermission.Most } || given.Contains(null!))
        {
            return Invalid("invalid_permissions");
        }

        if (held.Resource.Representation.OwnerManagedAccess is not true)
        {
            return Invalid("invalid_resource");
        }

        var scopes = (await ScopesAsync(context, held)).ToList();
        var wanted = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var permission in given)
        {
            if (permission.Username is not { } name)
            {
                return Invalid("invalid_permissions");
            }

            if ((await UserAsync(context, name) ?? await context.Users.FindAsync(context.Realm.Id, name, context.Aborted)) is not { } user)
            {
                return AdminAnswer.NotFound(name);
            }

            if (permission.Scopes?.Count > WantedPermission.MostScopes)
            {
                return Invalid("invalid_scope");
            }

            var ids = (permission.Scopes ?? []).Select(named => (scopes.Find(s => s.Name == named) ?? scopes.Find(s => s.Id == named))?.Id).ToList();
            if (ids.Contains(null))
            {
                return Invalid("invalid_scope");
            }

            wanted[user.Id] = [.. ids.OfType<string>().Distinct(StringComparer.Ordinal)];
        }

        var now = context.Now;
        await context.ApplyAsync([.. wanted.Select(w => new ChangeShare(held.ClientId, held.Resource, w.Key)
        {
            New = [.. w.Value.Select(scope => new PermissionTicket(Ids.New(), held.Resource.Id, scope, held.Resource.OwnerId, w.Key, null, now, now))], Exactly = true,
        })]);
        return AdminAnswer.NoContent;
    }
}
