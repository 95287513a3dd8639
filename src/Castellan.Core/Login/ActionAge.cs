using Castellan.Core.Credentials;

namespace Castellan.Core.Login;

/// <summary>How fresh a sign-in must be for the action that the application asks for (<c>kc_action</c>).</summary>
public static class ActionAge
{
    private const int Default = 300;

    /// <summary>Seconds, or null when no action is asked for that exists. Deleting one's account always wants a fresh sign-in.</summary>
    public static int? Of(LoginContext context)
    {
        if (context.Tab.ClientNote(LoginNotes.KcAction) is not { } asked)
        {
            return null;
        }

        var alias = asked.Split(':')[0];
        var configured = context.Realm.Data.RequiredActions.FirstOrDefault(a => a.Alias == alias);
        return configured is null ? null
            : alias == Actions.UpdatePassword.Id && PasswordPolicy.Of(context.Realm).Number("maxAuthAge") is >= 0 and var policy ? policy
            : int.TryParse(configured.Config?.GetValueOrDefault("max_auth_age"), out var seconds) ? seconds
            : alias == "delete_account" ? 0 : Default;
    }
}
