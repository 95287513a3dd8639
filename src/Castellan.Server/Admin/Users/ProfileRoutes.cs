using System.Text.Json;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Server.Admin.Users;

/// <summary>The configuration of the user profile, and what forms need to know of it.</summary>
internal static class ProfileRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("users/profile", Permission.AnyAdmin, Show, noCache: false),
        AdminRoute.Put("users/profile", Permission.ManageRealm, PutAsync),
        AdminRoute.Get("users/profile/metadata", Permission.AnyAdmin, context =>
            new(AdminAnswer.Json(UserProfile.Of(context.Realm).Metadata(ProfileContext.Admin, null), ProfileJson.Default.UserProfileMetadata)), noCache: false),
        AdminRoute.Get("users/{user}/unmanagedAttributes", Permission.ViewUsers, UserRoutes.One(UnmanagedAsync)),
    ];

    /// <summary>The metadata in the form in which a user carries it.</summary>
    public static UserProfileMetadataRepresentation Metadata(AdminContext context, User user)
    {
        var metadata = JsonSerializer.SerializeToElement(UserProfile.Of(context.Realm).Metadata(ProfileContext.Admin, user), ProfileJson.Default.UserProfileMetadata);
        return new() { Attributes = metadata.GetProperty("attributes"), Groups = metadata.GetProperty("groups") };
    }

    private static ValueTask<AdminAnswer> Show(AdminContext context) =>
        new(AdminAnswer.Json(UserProfile.Of(context.Realm).Config, ProfileJson.Default.UPConfig));

    private static async ValueTask<AdminAnswer> PutAsync(AdminContext context) =>
        (await context.ReadAsync(ProfileJson.Default.UPConfig)).Ok(out var given, out var refusal) ? await PutAsync(context, given) : refusal;

    /// <summary>Puts another profile in the place of the realm's.</summary>
    internal static async ValueTask<AdminAnswer> PutAsync(AdminContext context, UPConfig given)
    {
        if (ProfileConfiguration.Problem(context.Realm, given) is { } problem)
        {
            return AdminAnswer.Message(400, problem);
        }

        var changed = JsonSerializer.Serialize(given, ProfileJson.Default.UPConfig) != JsonSerializer.Serialize(UserProfile.Of(context.Realm).Config, ProfileJson.Default.UPConfig);
        await context.ApplyAsync(ProfileConfiguration.Put(context.Realm, given));
        if (changed)
        {
            await context.RecordAsync("UPDATE", "USER_PROFILE", "user-profile", given, ProfileJson.Default.UPConfig);
        }

        return AdminAnswer.Json(given, ProfileJson.Default.UPConfig, contentType: "application/json");
    }

    private static ValueTask<AdminAnswer> UnmanagedAsync(AdminContext context, User user)
    {
        var profile = UserProfile.Of(context.Realm);
        var unmanaged = profile.ShowsUnmanaged(ProfileContext.Admin)
            ? (user.Representation.Attributes ?? []).Where(a => profile.Find(a.Key) is null).ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal)
            : [];
        return new(AdminAnswer.Json(unmanaged, AdminJson.Default.DictionaryStringListString));
    }
}
