using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Server.Pages;

namespace Castellan.Server.Mail;

/// <summary>Tells people by mail what happened to their account, in realms that name <c>email</c> among their listeners. Only verified addresses are told.</summary>
public sealed class MailListener(IUserStore users, IMailSender sender, ThemeFolder themes, MailQueue queue, TimeProvider time) : IEventListener
{
    public string Id => "email";

    public async ValueTask OnEventAsync(Realm realm, LoginEvent happened, CancellationToken ct)
    {
        if (Kind(happened.Type) is not { } kind || happened.UserId is not { } userId || SmtpSettings.Of(realm) is not { } settings
            || await users.FindAsync(realm.Id, userId, ct) is not { Email: { Length: > 0 } address, Representation.EmailVerified: true } user)
        {
            return;
        }

        var at = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(happened.Time), time.LocalTimeZone);
        var credential = kind.EndsWith("Credential", StringComparison.Ordinal) ? happened.Details?.GetValueOrDefault("credential_type") ?? "unknown" : null;
        var mail = MailTexts.Event(new MailWords(realm, Locales.OfMail(realm, user), themes.Mail(realm)), kind, at, happened.IpAddress, credential);
        queue.TryAdd(realm.Id, async stopping => await sender.SendAsync(settings, address, mail, stopping));
    }

    public ValueTask OnEventAsync(Realm realm, AdminEvent happened, CancellationToken ct) => default;

    private static string? Kind(string type) => type switch
    {
        "LOGIN_ERROR" => "LoginError",
        EventTypes.UpdatePassword => "UpdatePassword",
        EventTypes.UpdateTotp => "UpdateTotp",
        EventTypes.RemoveTotp => "RemoveTotp",
        EventTypes.UpdateCredential => "UpdateCredential",
        EventTypes.RemoveCredential => "RemoveCredential",
        _ => null,
    };
}
