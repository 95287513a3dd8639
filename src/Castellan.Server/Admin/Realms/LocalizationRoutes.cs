using System.Text;
using System.Text.Json;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Realms;

/// <summary>The realm's own texts, by language and key.</summary>
internal static class LocalizationRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("localization", Permission.AnyAdmin, c => new(AdminAnswer.Json([.. Texts(c.Realm).Keys.Order(StringComparer.Ordinal)], AdminJson.Default.ListString)), noCache: false),
        AdminRoute.Get("localization/{locale}", Permission.AnyAdmin, OfLocale, noCache: false),
        AdminRoute.Post("localization/{locale}", Permission.ManageRealm, AddAsync),
        AdminRoute.Delete("localization/{locale}", Permission.ManageRealm, RemoveLocaleAsync),
        AdminRoute.Get("localization/{locale}/{key}", Permission.AnyAdmin, One, noCache: false),
        AdminRoute.Put("localization/{locale}/{key}", Permission.ManageRealm, PutAsync),
        AdminRoute.Delete("localization/{locale}/{key}", Permission.ManageRealm, RemoveAsync),
    ];

    private static readonly AdminAnswer s_noText = AdminAnswer.NotFound("Localization text not found");

    private static Dictionary<string, Dictionary<string, string?>> Texts(Realm realm) => realm.Settings.LocalizationTexts ?? [];

    private static ValueTask<AdminAnswer> OfLocale(AdminContext context)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (context.Flag("useRealmDefaultLocaleFallback") && context.Realm.Settings.DefaultLocale is { } fallback)
        {
            Lay(fallback);
        }

        Lay(context.Route("locale"));
        return new(AdminAnswer.Json(texts, AdminJson.Default.DictionaryStringString));

        void Lay(string locale)
        {
            foreach (var (key, text) in Texts(context.Realm).GetValueOrDefault(locale) ?? [])
            {
                texts[key] = text ?? "";
            }
        }
    }

    private static ValueTask<AdminAnswer> One(AdminContext context) => new(
        Texts(context.Realm).GetValueOrDefault(context.Route("locale"))?.GetValueOrDefault(context.Route("key")) is { } text
            ? AdminAnswer.Text(text, "text/plain;charset=UTF-8")
            : s_noText);

    private static async ValueTask<AdminAnswer> PutAsync(AdminContext context)
    {
        if (!(await context.ReadBytesAsync()).Ok(out var bytes, out var refusal))
        {
            return refusal;
        }

        await ChangeAsync(context, texts => texts[context.Route("key")] = Encoding.UTF8.GetString(bytes));
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> AddAsync(AdminContext context)
    {
        Dictionary<string, string>? given;
        if (context.Http.Request.HasFormContentType)
        {
            // A file of texts, as browsers send it.
            var form = await context.Http.Request.ReadFormAsync(context.Aborted);
            if (form.Files["file"] is not { } sent)
            {
                return AdminAnswer.Error(400, "HTTP 400 Bad Request");
            }

            try
            {
                await using var file = sent.OpenReadStream();
                given = await JsonSerializer.DeserializeAsync(file, AdminJson.Default.DictionaryStringString, context.Aborted) ?? [];
            }
            catch (JsonException)
            {
                return AdminAnswer.Error(400, "Could not read file.");
            }
        }
        else if (!(await context.ReadAsync(AdminJson.Default.DictionaryStringString)).Ok(out given, out var refusal))
        {
            return refusal;
        }

        await ChangeAsync(context, texts =>
        {
            foreach (var (key, text) in given)
            {
                texts[key] = text;
            }
        });
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> RemoveLocaleAsync(AdminContext context)
    {
        if (!Texts(context.Realm).ContainsKey(context.Route("locale")))
        {
            return AdminAnswer.NotFound($"No localization texts for locale {context.Route("locale")} found.");
        }

        var settings = context.Realm.Settings.Copy(AdminJson.Default.RealmRepresentation);
        settings.LocalizationTexts!.Remove(context.Route("locale"));
        await context.ApplyAsync(new PutRealm(settings));
        return AdminAnswer.NoContent;
    }

    private static async ValueTask<AdminAnswer> RemoveAsync(AdminContext context)
    {
        if (Texts(context.Realm).GetValueOrDefault(context.Route("locale"))?.ContainsKey(context.Route("key")) is not true)
        {
            return s_noText;
        }

        await ChangeAsync(context, texts => texts.Remove(context.Route("key")));
        return AdminAnswer.NoContent;
    }

    private static ValueTask ChangeAsync(AdminContext context, Action<Dictionary<string, string?>> change)
    {
        var settings = context.Realm.Settings.Copy(AdminJson.Default.RealmRepresentation);
        var all = settings.LocalizationTexts ??= [];
        if (!all.TryGetValue(context.Route("locale"), out var texts))
        {
            all[context.Route("locale")] = texts = [];
        }

        change(texts);
        return context.ApplyAsync(new PutRealm(settings));
    }
}
