using Castellan.Core.Codes;
using Castellan.Core.Realms;

namespace Castellan.Core.Login;

/// <summary>What became of a password that somebody wants to have.</summary>
public enum PasswordSetting
{
    Done,

    /// <summary>The link that led here is worth nothing any more.</summary>
    Past,

    /// <summary>The directory that the person is from does not take it.</summary>
    Refused,
}

/// <summary>
/// A link to set a forgotten password anew is for the password of when it was sent. Of several that stand open side by side one sets it; the others
/// are worth nothing from then on, however far they had come.
/// </summary>
public sealed class PasswordResets(IOneUse used)
{
    private const string Kind = "password-reset";

    /// <summary>The sign-in goes by a link that was sent for this password (<see cref="LoginServices.PasswordOfAsync"/>).</summary>
    public static void Begin(LoginContext context, string? passwordOf) => context.Tab.SetNote(LoginNotes.ResetOf, passwordOf ?? "");

    /// <summary>Whether the sign-in goes by a link whose password was set meanwhile, by whatever way.</summary>
    public static async ValueTask<bool> IsPastAsync(LoginContext context) =>
        context.Tab.Note(LoginNotes.ResetOf) is { } sentFor && sentFor != (await context.Services.PasswordOfAsync(context.Realm, context.User!, context.Ct) ?? "");

    /// <summary>Writes the new password. Of any number of links to one password, on whatever nodes, at most one writes.</summary>
    public async ValueTask<PasswordSetting> SetAsync(LoginContext context, IReadOnlyList<Change> changes)
    {
        var (realm, services) = (context.Realm, context.Services);
        if (context.Tab.Note(LoginNotes.ResetOf) is null)
        {
            return await services.ApplyAsync(realm, context.Ct, [.. changes]) == Written.Done ? PasswordSetting.Done : PasswordSetting.Refused;
        }

        await using var hold = await Hold.TakeAsync(used, realm.Id, Kind, context.User!.Id, services.Time.GetUtcNow(), context.Ct);

        // Looked at while it is held and not before: who wrote in between is seen.
        if (hold is null || await IsPastAsync(context))
        {
            return PasswordSetting.Past;
        }

        if (await services.ApplyAsync(realm, context.Ct, [.. changes]) != Written.Done)
        {
            return PasswordSetting.Refused;
        }

        context.Tab.SetNote(LoginNotes.ResetOf, null);
        return PasswordSetting.Done;
    }
}
