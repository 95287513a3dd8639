using Castellan.Core.Realms;
using Castellan.Core.Sessions;
using Castellan.Core.Users;
using Castellan.Server.Login;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Consoles;

/// <summary>The person behind the single sign-on cookie of a browser, while the session that it names is alive. To be seen there is a use of the session.</summary>
internal sealed class SignedIn(LoginCookies cookies, ISessions sessions, IUserStore users, TimeProvider time) : ISignedIn
{
    public async ValueTask<User?> RenewAsync(HttpContext http, Realm realm)
    {
        if (await cookies.ReadIdentityAsync(http, realm) is not { } identity
            || await sessions.FindAsync(realm.Id, identity.SessionId, ct: http.RequestAborted) is not { } session
            || session.UserId != identity.UserId
            || !SessionLifetimes.IsAlive(realm, session, time.GetUtcNow().ToUnixTimeMilliseconds()))
        {
            return null;
        }

        if (await users.FindAsync(realm.Id, session.UserId, http.RequestAborted) is not { Enabled: true } user || identity.IssuedAt < (user.Representation.NotBefore ?? 0))
        {
            return null;
        }

        var used = session with { LastAccess = time.GetUtcNow().ToUnixTimeMilliseconds() };
        if (!await sessions.SaveAsync(used, http.RequestAborted))
        {
            return null;
        }

        await cookies.WriteIdentityAsync(http, realm, used, session.LoginUsername ?? user.Username);
        return user;
    }
}
