using System.Globalization;
using Castellan.Core.Codes;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Mail;

/// <summary>A person who asks for the same mail again within a while is not sent it, in whatever browser they ask. Holds on every node.</summary>
public sealed class ResendPause(IOneUse store)
{
    /// <summary>The setting of a required action that says how long, in seconds. Zero: no pause.</summary>
    public const string Setting = "emailResendCooldownSeconds";

    /// <summary>How long where the realm does not say.</summary>
    public const int Default = 30;
    private const string Kind = "mail-pause";
    private const int UnaskedInAnHour = 5;

    /// <summary>Begins a pause. Zero when none was running, so that a mail may go out; else the seconds that it still takes.</summary>
    /// <param name="action">The required action that sends the mail; its settings say how long the pause is.</param>
    public ValueTask<int> BeginAsync(LoginContext context, string action) => BeginAsync(context, context.User!, action);

    /// <summary>
    /// Begins a pause with a mail that nobody asked for by hand: each sign-in sends one, also while a pause runs. Only so many within an hour: whoever
    /// comes with somebody else's address could else fill their mailbox by signing in. After that the pause holds for these mails too.
    /// </summary>
    /// <param name="to">Whose mailbox it is.</param>
    /// <param name="action">The required action or step that sends the mail.</param>
    /// <returns>Whether the mail may go out.</returns>
    public async ValueTask<bool> MaySendUnaskedAsync(LoginContext context, User to, string action)
    {
        var seconds = SecondsOf(context.Realm, action);
        if (seconds <= 0)
        {
            return true;
        }

        for (var place = 1; place <= UnaskedInAnHour; place++)
        {
            if (await store.TryAddAsync(context.Realm.Id, Kind, $"{Key(to, action)}.{place}", context.Now + 3_600_000, context.Ct))
            {
                await PutAsync(context, to, action, seconds);
                return true;
            }
        }

        return await BeginAsync(context, to, action) == 0;
    }

    /// <summary>How many seconds of a pause are left; zero when none is running.</summary>
    public ValueTask<int> LeftAsync(LoginContext context, string action) => LeftAsync(context, context.User!, action);

    /// <summary>Nothing was sent after all.</summary>
    public async ValueTask EndAsync(LoginContext context, string action) => await store.TakeAsync(context.Realm.Id, Kind, Key(context.User!, action), context.Ct);

    private async ValueTask<int> BeginAsync(LoginContext context, User to, string action)
    {
        var seconds = SecondsOf(context.Realm, action);
        if (seconds <= 0)
        {
            return 0;
        }

        if (!await store.TryAddAsync(context.Realm.Id, Kind, Key(to, action), context.Now + (seconds * 1000L), context.Ct))
        {
            return await LeftAsync(context, to, action) is > 0 and var left ? left : 1;
        }

        await PutAsync(context, to, action, seconds);
        return 0;
    }

    private ValueTask PutAsync(LoginContext context, User to, string action, int seconds)
    {
        var end = context.Now + (seconds * 1000L);
        return store.PutAsync(context.Realm.Id, Kind, Key(to, action), end.ToString(CultureInfo.InvariantCulture), end, context.Ct);
    }

    private async ValueTask<int> LeftAsync(LoginContext context, User to, string action) =>
        long.TryParse(await store.FindAsync(context.Realm.Id, Kind, Key(to, action), context.Ct), out var end) ? (int)Math.Max(0, (end - context.Now + 999) / 1000) : 0;

    private static int SecondsOf(Realm realm, string action) =>
        int.TryParse(realm.Data.RequiredActions.FirstOrDefault(a => a.Alias == action)?.Config?.GetValueOrDefault(Setting), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? seconds : Default;

    private static string Key(User to, string action) => $"{action}.{to.Id}";
}
