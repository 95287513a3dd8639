using Castellan.Core.Brokering;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Login.Steps.Broker;

/// <summary>The person here who has the address or the name of an account that comes for the first time. That they are the same is what must be proved.</summary>
/// <param name="Field">What they have in common: <c>email</c> or <c>username</c>.</param>
public sealed record ExistingUser(string UserId, string Field, string Value)
{
    /// <summary>
    /// Looks for somebody with the account's address, then for somebody with its name. Where people sign in with either, a name that is another's address, or
    /// the other way round, would be taken for theirs.
    /// </summary>
    public static async ValueTask<ExistingUser?> FindAsync(LoginContext context, BrokeredIdentity identity)
    {
        var (realm, users) = (context.Realm, context.Services.Users);
        var either = realm.Settings.LoginWithEmailAllowed == true;
        if (identity.Email is { Length: > 0 } email && realm.Settings.DuplicateEmailsAllowed != true
            && (await users.FindByEmailAsync(realm.Id, email, context.Ct) ?? (either ? await users.FindByUsernameAsync(realm.Id, email, context.Ct) : null)) is { } reached)
        {
            return new(reached.Id, UserProfile.Email, reached.Email ?? email);
        }

        var name = BrokeredUsers.NameOf(realm, identity);
        return name.Length > 0
            && (await users.FindByUsernameAsync(realm.Id, name, context.Ct)
                ?? (either && name.Contains('@', StringComparison.Ordinal) ? await users.FindByEmailAsync(realm.Id, name, context.Ct) : null)) is { } named
            ? new(named.Id, UserProfile.Username, named.Username)
            : null;
    }

    /// <summary>Whom an earlier step found, as they are now; null when none did.</summary>
    public static async ValueTask<User?> ReadAsync(LoginContext context) =>
        Noted(context) is { } existing ? await context.Services.Users.FindAsync(context.Realm.Id, existing.UserId, context.Ct) : null;

    public static ExistingUser? Noted(LoginContext context) => context.Tab.Note(LoginNotes.ExistingUser)?.Split('\n') is [var id, var field, var value] ? new(id, field, value) : null;

    public static void Note(LoginContext context, ExistingUser? existing) =>
        context.Tab.SetNote(LoginNotes.ExistingUser, existing is null ? null : $"{existing.UserId}\n{existing.Field}\n{existing.Value.ReplaceLineEndings(" ")}");
}

/// <summary>What the steps of a provider's flow share.</summary>
internal static class Arrival
{
    /// <summary>The account that waits; null outside of a sign-in by a provider, where these steps have nothing to do.</summary>
    public static (IdentityProvider Provider, BrokeredIdentity Identity)? Of(LoginContext context) =>
        BrokeredIdentity.Read(context.Tab.Note(LoginNotes.Brokered)) is { } identity && IdentityProviders.Of(context.Realm).FindEnabled(identity.Provider) is { } provider
            ? (provider, identity) : null;

    public static void Keep(LoginContext context, BrokeredIdentity identity) => context.Tab.SetNote(LoginNotes.Brokered, identity.Write());
}
