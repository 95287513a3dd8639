using Castellan.Core.Realms;

namespace Castellan.Core.Login;

/// <summary>How long people may take for a page, in seconds.</summary>
public static class PageLifespans
{
    /// <summary>For the pages of a part of the sign-in.</summary>
    public static int Of(Realm realm, string path) =>
        path is LoginPaths.RequiredAction or LoginPaths.ResetCredentials ? Action(realm) : realm.Settings.AccessCodeLifespanLogin switch
        {
            null => 1800,
            > 0 and var seconds => seconds,
            _ => Action(realm),
        };

    /// <summary>How long a sign-in is kept that nobody goes on with.</summary>
    public static int Longest(Realm realm) => Math.Max(Of(realm, LoginPaths.Authenticate), Math.Max(Action(realm), realm.Settings.AccessCodeLifespan ?? 60));

    private static int Action(Realm realm) => realm.Settings.AccessCodeLifespanUserAction ?? 300;
}
