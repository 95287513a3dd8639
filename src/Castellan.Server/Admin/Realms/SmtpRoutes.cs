using System.Text;
using System.Text.Json;
using Castellan.Server.Http;
using Castellan.Server.Mail;

namespace Castellan.Server.Admin.Realms;

/// <summary>The test of a realm's mail settings, before they are saved: a mail to whoever asks.</summary>
internal static class SmtpRoutes
{
    /// <summary>What must be the same for a stored secret to be sent there.</summary>
    private static readonly string[] s_destination = ["host", "port", "user", "authTokenUrl"];

    private static readonly AdminAnswer s_failed = AdminAnswer.Message(500, "Failed to send email");

    public static IReadOnlyList<AdminRoute> All { get; } = [AdminRoute.Post("testSMTPConnection", Permission.ManageRealm, TestAsync, noCache: true)];

    private static async ValueTask<AdminAnswer> TestAsync(AdminContext context)
    {
        if (!(await ReadAsync(context)).Ok(out var bytes, out var refusal))
        {
            return refusal;
        }

        if (BodyLimits.Refuse(bytes) is not null || Parse(bytes) is not { } given)
        {
            return AdminAnswer.CannotParse;
        }

        if (context.Caller.User.Email is not { Length: > 0 } address)
        {
            return s_failed;
        }

        Unmask(given, context.Realm.Settings.SmtpServer);
        var words = new MailWords(context.Realm, Pages.Locales.OfMail(context.Realm, context.Caller.User), context.Service<Pages.ThemeFolder>().Mail(context.Realm));
        return SmtpSettings.Of(context.Realm, given) is { } settings && await context.Service<IMailSender>().SendAsync(settings, address, MailTexts.Test(words), context.Aborted)
            ? AdminAnswer.NoContent
            : s_failed;
    }

    /// <summary>The settings as JSON: the body, or, as older scripts send it, the field <c>config</c> of a form.</summary>
    private static async ValueTask<Read<byte[]>> ReadAsync(AdminContext context) =>
        context.Http.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true
            ? await context.ReadBytesAsync()
            : (await RequestForm.ReadAsync(context.Http))?.Value("config") is { } config ? Encoding.UTF8.GetBytes(config) : AdminAnswer.CannotParse;

    /// <summary>Stars stand for the secret that is stored; it goes to the server it was stored for and to no other.</summary>
    private static void Unmask(Dictionary<string, string?> given, Dictionary<string, string?>? stored)
    {
        foreach (var name in (ReadOnlySpan<string>)["password", "authTokenClientSecret"])
        {
            if (given.GetValueOrDefault(name) == Masks.Secret)
            {
                var same = stored is not null && s_destination.All(n => (given.GetValueOrDefault(n) ?? "") == (stored.GetValueOrDefault(n) ?? ""));
                given[name] = same ? stored!.GetValueOrDefault(name) : null;
            }
        }
    }

    /// <summary>A flat object; numbers and truth values are taken as the texts that a realm stores.</summary>
    private static Dictionary<string, string?>? Parse(byte[] bytes)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes);
            return json.RootElement.ValueKind != JsonValueKind.Object ? null : json.RootElement.EnumerateObject()
                .Where(p => p.Value.ValueKind is not JsonValueKind.Null)
                .GroupBy(p => p.Name, StringComparer.Ordinal)
                .ToDictionary(p => p.Key, p => (string?)p.Last().Value.ToString(), StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
