using Castellan.Core.Codes;
using Castellan.Core.Login;

namespace Castellan.Core.Mail;

/// <summary>A person is not sent the same mail again within half a minute, in whatever browser they ask. Holds on every node.</summary>
public sealed class ResendPause(IOneUse store)
{
    private const int Seconds = 30;
    private const string Kind = "mail-pause";

    /// <summary>Begins a pause. Zero when none was running, so that a mail may go out; else the seconds that it still takes.</summary>
    public async ValueTask<int> BeginAsync(LoginContext context, string mail)
    {
        var key = Key(context, mail);
        var end = context.Now + (Seconds * 1000);
        if (!await store.TryAddAsync(context.Realm.Id, Kind, key, end, context.Ct))
        {
            return await LeftAsync(context, mail) is > 0 and var left ? left : 1;
        }

        await store.PutAsync(context.Realm.Id, Kind, key, end.ToString(), end, context.Ct);
        return 0;
    }

    /// <summary>How many seconds of a pause are left; zero when none is running.</summary>
    public async ValueTask<int> LeftAsync(LoginContext context, string mail) =>
        long.TryParse(await store.FindAsync(context.Realm.Id, Kind, Key(context, mail), context.Ct), out var end) ? (int)Math.Max(0, (end - context.Now + 999) / 1000) : 0;

    /// <summary>Nothing was sent after all.</summary>
    public async ValueTask EndAsync(LoginContext context, string mail) => await store.TakeAsync(context.Realm.Id, Kind, Key(context, mail), context.Ct);

    private static string Key(LoginContext context, string mail) => $"{mail}.{context.User!.Id}";
}
