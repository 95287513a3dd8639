using Castellan.Core.Users;
using Castellan.Core.Users.LoginFailures;

namespace Castellan.Core.Login.Steps;

/// <summary>What the forms that ask for a name share.</summary>
public static class Names
{
    /// <summary>The person meant by what was typed; noted as the name of this sign-in.</summary>
    public static async ValueTask<User?> FindAsync(LoginContext context, string typed)
    {
        var name = typed.Trim();
        if (name.Length is 0 or > 255)
        {
            return null;
        }

        context.Event.With("username", name);
        context.Tab.SetNote(LoginNotes.AttemptedUsername, name);
        return await context.Services.FindUserAsync(context.Realm, name, context.Ct);
    }

    /// <summary>Notes whether the browser shall remember the person, who is known by now.</summary>
    public static void Remember(LoginContext context, LoginForm form)
    {
        var remember = (context.Realm.Settings.RememberMe ?? false) && string.Equals(form["rememberMe"], "on", StringComparison.OrdinalIgnoreCase);
        context.Tab.SetNote(LoginNotes.RememberMe, remember ? "true" : null);
        if (remember)
        {
            context.Event.With("remember_me", "true");
        }
    }

    /// <summary>Checks a password of somebody known; a wrong one, or one that was not looked at, is told.</summary>
    public static async ValueTask<bool> WrongPasswordAsync(LoginContext context, User user, string password)
    {
        if (password.Length == 0)
        {
            // It costs what any other does, so that it says nothing about the person; but nobody guesses by it.
            if (await context.Services.Credentials.PasswordAsync(context.Realm, null, password, null, context.Ct) == CheckResult.Busy)
            {
                throw new BusyException();
            }

            await context.TellAsync("invalid_user_credentials");
            return true;
        }

        switch (await context.Services.Credentials.PasswordAsync(context.Realm, user, password, context.Request.IpAddress, context.Ct))
        {
            case CheckResult.Right:
                return false;
            case CheckResult.Locked:
                await context.TellAsync(BruteForceGuard.ErrorOf(user));
                return true;
            case CheckResult.Busy:
                throw new BusyException();
            default:
                await context.TellAsync("invalid_user_credentials");
                return true;
        }
    }

    /// <summary>Tells of a second factor that did not do. True for one that did. Who goes on while locked out is told of twice: they knew.</summary>
    public static async ValueTask<bool> IsRightAsync(LoginContext context, CheckResult result)
    {
        if (result == CheckResult.Locked)
        {
            await context.TellAsync(BruteForceGuard.ErrorOf(context.User!));
            if (context.Tab.Note(LoginNotes.SessionInvalid) is not null)
            {
                await context.TellAsync("invalid_authentication_session");
            }
        }
        else if (result != CheckResult.Right)
        {
            await context.TellAsync("invalid_user_credentials");
        }

        context.Tab.SetNote(LoginNotes.SessionInvalid, result == CheckResult.Locked ? "true" : null);
        return result == CheckResult.Right;
    }
}
