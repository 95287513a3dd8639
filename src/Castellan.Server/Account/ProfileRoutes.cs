using System.Globalization;
using System.Text.Json;
using Castellan.Core.Events;
using Castellan.Core.Representations;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Castellan.Server.Admin;

namespace Castellan.Server.Account;

/// <summary>A person's own profile: what they may see of it, and changes to what they may write.</summary>
internal static class ProfileRoutes
{
    private static readonly JsonElement s_null = JsonDocument.Parse("null").RootElement.Clone();

    public static IReadOnlyList<AccountRoute> All { get; } =
    [
        AccountRoute.View("", ShowAsync),
        AccountRoute.Manage("POST", "", SaveAsync),
        new("GET", "/supportedLocales", [], LocalesAsync) { NoCache = false },
    ];

    private static async ValueTask<AdminAnswer> ShowAsync(AccountContext context)
    {
        var profile = UserProfile.Of(context.Realm);
        var user = context.User;
        var scopes = await ScopesAsync(context);
        var attributes = profile.Visible(ProfileContext.Account, user, scopes).Where(a => !UserProfile.Members.Contains(a.Key)).ToDictionary(StringComparer.Ordinal);
        return AdminAnswer.Json(
            new AccountProfile
            {
                Id = user.Id,
                Username = Member(UserProfile.Username, user.Username),
                FirstName = Member(UserProfile.FirstName, user.Representation.FirstName),
                LastName = Member(UserProfile.LastName, user.Representation.LastName),
                Email = Member(UserProfile.Email, user.Email),
                EmailVerified = user.Representation.EmailVerified ?? false,
                Attributes = attributes.Count > 0 ? attributes : null,
                UserProfileMetadata = context.Query("userProfileMetadata") == "false" ? null : profile.Metadata(ProfileContext.Account, user, scopes),
            },
            AccountJson.Default.AccountProfile);

        string? Member(string name, string? value) => profile.ShowsMember(name, ProfileContext.Account, user) ? value : null;
    }

    private static async ValueTask<AdminAnswer> SaveAsync(AccountContext context)
    {
        if (!(await context.ReadAsync(AccountJson.Default.AccountProfile)).Ok(out var given, out var refusal))
        {
            return refusal;
        }

        var before = context.User;
        var request = new ProfileRequest(ProfileContext.Account, before, Values(given), Scopes: await ScopesAsync(context), Locale: before.Attribute(UserProfile.Locale));
        var outcome = await context.Service<UserProfiles>().ApplyAsync(context.Realm, request, context.Aborted);
        if (!outcome.Ok)
        {
            return Refuse(outcome.Errors);
        }

        await context.ApplyAsync(new PutUser(outcome.Changed));
        await context.RecordAsync(new LoginEvent { Type = EventTypes.UpdateProfile }.With("context", "ACCOUNT").WithChanges(before, outcome.Changed));
        return AdminAnswer.NoContent;
    }

    /// <summary>The scopes that attributes may depend on: those that the client <c>account</c> always has, and of its others those that the token speaks of.</summary>
    private static async ValueTask<List<string>> ScopesAsync(AccountContext context)
    {
        var account = (await context.Clients.FindAsync(context.Realm, "account", context.Aborted))!;
        var asked = context.Caller.Scope?.Split(' ') ?? [];
        return [.. account.DefaultScopes.Select(s => s.Name), .. account.OptionalScopes.Select(s => s.Name).Where(asked.Contains)];
    }

    private static Dictionary<string, List<string>> Values(AccountProfile given)
    {
        var values = new Dictionary<string, List<string>>(given.Attributes ?? [], StringComparer.Ordinal);
        foreach (var (name, value) in new[]
        {
            (UserProfile.Username, given.Username), (UserProfile.Email, given.Email), (UserProfile.FirstName, given.FirstName), (UserProfile.LastName, given.LastName),
        })
        {
            if (value is not null)
            {
                values[name] = [value];
            }
        }

        return values;
    }

    private static AdminAnswer Refuse(IReadOnlyList<ProfileError> errors)
    {
        var faults = errors.Select(e => new ProfileFault(e.Attribute, e.Message, [Text(e.DisplayName ?? e.Attribute), .. e.Parameters.Select(Text)])).ToList();
        var status = errors.Any(e => e.Message is ProfileError.EmailExists or ProfileError.UsernameExists) ? 409 : 400;
        var answer = faults is [var only] ? new ProfileFaults(faults, only.Field, only.ErrorMessage, only.Params) : new ProfileFaults(faults);
        return AdminAnswer.Json(answer, AccountJson.Default.ProfileFaults, status, contentType: "application/json");
    }

    /// <summary>Parameters are texts on the wire, numbers too.</summary>
    private static JsonElement Text(object? value) => value switch
    {
        null => s_null,
        string text => JsonSerializer.SerializeToElement(text, AccountJson.Default.String),
        // As Java writes it: 1.0, not 1.
        double number when double.IsInteger(number) && Math.Abs(number) < 1e7 => JsonSerializer.SerializeToElement(number.ToString("0.0", CultureInfo.InvariantCulture), AccountJson.Default.String),
        _ => JsonSerializer.SerializeToElement(Convert.ToString(value, CultureInfo.InvariantCulture)!, AccountJson.Default.String),
    };

    private static ValueTask<AdminAnswer> LocalesAsync(AccountContext context) =>
        new(AdminAnswer.Json([.. (context.Realm.Settings.SupportedLocales ?? []).Order(StringComparer.Ordinal)], AccountJson.Default.ListString));
}
