using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Login;

/// <summary>
/// The realm's (or the client's) direct grant flow over the form of a password grant (RFC 6749 §4.3): whatever an administrator put into the flow
/// holds here as on the pages.
/// </summary>
public sealed class DirectGrant(FlowRunner runner, RequiredActions actions, LoginServices services)
{
    /// <summary>Who the form proves, with the notes that the session and the client's part of it take along.</summary>
    /// <param name="happened">Takes the person, the name, and why it failed.</param>
    public async ValueTask<Result<DirectGrantResult>> RunAsync(
        Realm realm, Client client, IReadOnlyDictionary<string, string> form, string? scope, LoginRequest request, LoginEvent happened, CancellationToken ct)
    {
        if (Flows.Of(realm).DirectGrant(client) is not { } flow)
        {
            return new ProtocolError("invalid_grant", "Invalid user credentials");
        }

        var tab = new AuthenticationTab { RealmId = realm.Id, RootId = "", TabId = "", ClientId = client.Id, Started = services.Time.GetUtcNow().ToUnixTimeMilliseconds() };
        if (scope is not null)
        {
            tab.ClientNotes["scope"] = scope;
        }

        var context = new LoginContext
        {
            Realm = realm, Client = client, Tab = tab, Services = services, Request = request, Ct = ct, Event = happened,
            GrantForm = new LoginForm(form.ToDictionary(f => f.Key, f => (IReadOnlyList<string>)[f.Value], StringComparer.Ordinal)),
        };
        var result = await runner.RunAsync(context, flow);
        if (result is FlowResult.Asks { Page: ErrorPage } or not FlowResult.PassedFlow)
        {
            happened.Error ??= result is FlowResult.Failed { Error: FlowError.AccessDenied } ? "access_denied" : "invalid_user_credentials";
            return new ProtocolError("invalid_grant", result is FlowResult.Failed { Error: FlowError.AccessDenied } ? "Access denied" : "Invalid user credentials");
        }

        var user = context.User!;
        if (!user.Enabled)
        {
            happened.Error = "user_disabled";
            return new ProtocolError("invalid_grant", "Account disabled");
        }

        if (await actions.NextAsync(context) is not null || RequiredActions.IsSetUpMissing(context))
        {
            happened.Error = "resolve_required_actions";
            return new ProtocolError("invalid_grant", "Account is not fully set up");
        }

        await services.Guard.SucceededAsync(realm, user.Id, ct);
        return new DirectGrantResult(user, tab.SessionNotes, Levels.Current(context) is >= 0 and var level ? level : null);
    }
}

/// <summary>A person whom a password grant proved.</summary>
/// <param name="Level">The level of authentication, where the flow has conditions for it: the client session's note <see cref="LoginNotes.Level"/>.</param>
public sealed record DirectGrantResult(User User, IReadOnlyDictionary<string, string> SessionNotes, int? Level);
