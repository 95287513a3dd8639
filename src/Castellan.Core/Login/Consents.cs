using Castellan.Core.Clients;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Tokens;
using Castellan.Core.Users;

namespace Castellan.Core.Login;

/// <summary>What people allow clients that ask for consent.</summary>
public sealed class Consents(TimeProvider time)
{
    /// <summary>Whether the client must ask the person for something that they did not allow it yet.</summary>
    public async ValueTask<bool> IsMissingAsync(LoginContext context) =>
        Asks(context) && context.Tab.Note(LoginNotes.ConsentAnswered) is null
        && (ForDevice(context) || (await ToAskAsync(context)).Count > 0);

    /// <summary>Whether people are asked at all. Where they sign in for a device always: it may be somebody else's who sent them the code (RFC 8628 §5.4).</summary>
    public static bool Asks(LoginContext context) => ForDevice(context) || (context.Client.Representation.ConsentRequired ?? false);

    /// <summary>The page that asks, with what is new.</summary>
    public async ValueTask<ConsentPage> PageAsync(LoginContext context, string code)
    {
        var shown = (await ToAskAsync(context)).OrderBy(Order).Select(Words).ToList();
        if (context.Client.Flag("display.on.consent.screen"))
        {
            shown.Add(context.Client.Attribute("consent.screen.text") ?? context.Client.Representation.Name ?? context.Client.ClientId);
        }

        return new ConsentPage(context.Client.Representation.Name is { Length: > 0 } name ? name : context.Client.ClientId, shown, code)
        {
            LogoUri = Picture(context.Client.Attribute("logoUri")), PolicyUri = Web(context.Client.Attribute("policyUri")), TosUri = Web(context.Client.Attribute("tosUri")),
        };
    }

    /// <summary>Keeps that the person allowed what was asked for.</summary>
    public async ValueTask GrantAsync(LoginContext context)
    {
        var more = await MoreAsync(context.Services.Users, context.User!, context.Client, Wanted(context), time.GetUtcNow().ToUnixTimeMilliseconds(), context.Ct);
        await context.Services.ApplyAsync(context.Realm, context.Ct, more);
        context.Tab.SetNote(LoginNotes.ConsentAnswered, "true");
        context.Event.With("consent", "consent_granted");
    }

    /// <summary>
    /// Whether a person still allows what a client is about to get: what they allowed once may have been taken back since, and the client may have been
    /// given scopes of which they never heard.
    /// </summary>
    public static async ValueTask<bool> StandAsync(IUserStore users, User user, GrantedScopes scopes, CancellationToken ct)
    {
        if (scopes.Client.Representation.ConsentRequired != true)
        {
            return true;
        }

        var granted = (await FindAsync(users, user, scopes.Client, ct))?.GrantedClientScopes ?? [];
        return scopes.Active.Where(IsShown).All(s => granted.Contains(s.Id));
    }

    /// <summary>Keeps that a person allowed a client, which asks for consent, all of this on a device of theirs.</summary>
    /// <param name="now">Milliseconds since 1970.</param>
    public static async ValueTask KeepAsync(IUserStore users, IRealms realms, User user, GrantedScopes scopes, long now, CancellationToken ct)
    {
        if (!await StandAsync(users, user, scopes, ct))
        {
            await realms.ApplyAsync(new ChangeSet(scopes.Client.Realm.Id).Add(await MoreAsync(users, user, scopes.Client, scopes.Active.Where(IsShown), now, ct)), ct);
        }
    }

    /// <summary>What a person allowed a client until now, and these scopes.</summary>
    private static async ValueTask<PutConsent> MoreAsync(IUserStore users, User user, Client client, IEnumerable<ClientScope> scopes, long now, CancellationToken ct)
    {
        var before = await FindAsync(users, user, client, ct);
        return new PutConsent(user.Id, new UserConsentRepresentation
        {
            ClientId = client.Id,
            GrantedClientScopes = [.. (before?.GrantedClientScopes ?? []).Union(scopes.Select(s => s.Id))],
            CreatedDate = before?.CreatedDate ?? now,
            LastUpdatedDate = now,
        });
    }

    /// <summary>What the person is asked for: what they did not allow yet; all of it for a device, and where the application wants to hear it again (<c>prompt=consent</c>).</summary>
    private static async ValueTask<List<ClientScope>> ToAskAsync(LoginContext context)
    {
        if (ForDevice(context) || (context.Tab.ClientNote("prompt")?.Split(' ').Contains("consent") ?? false))
        {
            return Wanted(context);
        }

        var granted = (await FindAsync(context.Services.Users, context.User!, context.Client, context.Ct))?.GrantedClientScopes ?? [];
        return [.. Wanted(context).Where(s => !granted.Contains(s.Id))];
    }

    private static bool ForDevice(LoginContext context) => context.Tab.ClientNote(LoginNotes.Device) is not null;

    private static async ValueTask<UserConsentRepresentation?> FindAsync(IUserStore users, User user, Client client, CancellationToken ct) =>
        (await users.ConsentsAsync(client.Realm.Id, user.Id, ct)).Find(c => c.ClientId == client.Id);

    /// <summary>The scopes of the request that want a person's word.</summary>
    private static List<ClientScope> Wanted(LoginContext context)
    {
        var asked = context.Tab.ClientNote("scope")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return [.. context.Client.DefaultScopes.Concat(context.Client.OptionalScopes.Where(s => IsAsked(s, asked))).Where(IsShown)];
    }

    private static bool IsAsked(ClientScope scope, string[] asked) =>
        asked.Contains(scope.Name) || (scope.Name == OrganizationScope.Name && asked.Any(OrganizationScope.Asks));

    /// <summary>Whether people are told of a scope that a client gets.</summary>
    public static bool IsShown(ClientScope scope) => scope.Attribute("display.on.consent.screen") is null or "true";

    private static int Order(ClientScope scope) => int.TryParse(scope.Attribute("gui.order"), out var order) ? order : int.MaxValue;

    private static string Words(ClientScope scope) => scope.Attribute("consent.screen.text") is { Length: > 0 } text ? text : scope.Name;

    /// <summary>Whether a picture stands in its address itself (RFC 2397): as the source of an image nothing in it is run.</summary>
    public static bool IsPicture(string uri) => uri.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase);

    private static string? Picture(string? uri) => uri is not null && IsPicture(uri) ? uri : Web(uri);

    private static string? Web(string? uri) => Uri.TryCreate(uri, UriKind.Absolute, out var parsed) && parsed.Scheme is "https" or "http" ? uri : null;
}
