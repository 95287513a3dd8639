using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Account;

/// <summary>The bearers of access tokens that are meant for the client <c>account</c>.</summary>
internal sealed class AccountCallers(AccessTokens tokens, ServerUrls urls) : IAccountCallers
{
    private const string Account = "account";

    public async ValueTask<AccountCaller?> FindAsync(HttpContext http, Realm realm, string token, CancellationToken ct)
    {
        var check = await tokens.CheckAsync(realm, token, urls.Issuer(http, realm), ct);
        if (!check.Ok(out var valid, out _) || !valid.IsForBearers || valid.User.Representation.ServiceAccountClientId is not null)
        {
            return null;
        }

        var all = GrantedRoles.Of(realm, valid.User);
        var scopes = Scopes.Restore(valid.Client, valid.Token.Scope).For(all);
        var roles = GrantedRoles.Within(realm, valid.Client, scopes, all).Where(r => r.ClientName == Account).Select(r => r.Name).ToHashSet(StringComparer.Ordinal);

        // A lightweight token names no audience; there the roles say for whom it may speak.
        var meant = valid.Token.Audience.Contains(Account) || (valid.Token.Audience.Count == 0 && roles.Count > 0 && valid.Client.Flag("client.use.lightweight.access.token.enabled"));
        return meant
            ? new AccountCaller(valid.User, valid.Client, valid.Kind == SessionKind.Transient ? null : valid.Session, roles, [.. valid.Client.WebOrigins().All], valid.Token.Scope,
                valid.Token.Acr is { } acr ? Levels.Find(realm, valid.Client, acr) ?? Levels.None : Levels.None)
            : null;
    }
}
