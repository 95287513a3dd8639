using Castellan.Core.Codes;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Core.Brokering;

/// <summary>What came of linking an account to a person.</summary>
public enum Linking
{
    /// <summary>The account is linked to the person.</summary>
    Done,

    /// <summary>It is linked to somebody else.</summary>
    OfAnother,

    /// <summary>The person is linked to another account of the same provider, and nobody asked them about that one.</summary>
    ToAnother,

    /// <summary>Nothing was changed: another request is at it, or the person was changed at the same moment. It may be tried again.</summary>
    Busy,
}

/// <summary>People here and their accounts at identity providers: found by a link, made for an account, kept up to date by it.</summary>
public sealed class BrokeredUsers(IdentityMappers mappers, IOneUse used, TimeProvider time)
{
    private const string BrokerClient = "broker";
    private const string ReadToken = "read-token";
    private const string LinkingKind = "broker-linking";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>Who is linked to the account.</summary>
    public static ValueTask<User?> FindAsync(LoginContext context, BrokeredIdentity identity) =>
        context.Services.Users.FindByFederatedIdentityAsync(context.Realm.Id, identity.Provider, identity.Id, context.Ct);

    /// <summary>The link of a person to another account of the same provider: there can be one only.</summary>
    public static async ValueTask<FederatedIdentityRepresentation?> OtherLinkAsync(LoginContext context, BrokeredIdentity identity, User user) =>
        (await context.Services.Users.FederatedIdentitiesAsync(context.Realm.Id, user.Id, context.Ct)).Find(l => l.IdentityProvider == identity.Provider && l.UserId != identity.Id);

    /// <summary>The user name that a new person would get.</summary>
    public static string NameOf(Realm realm, BrokeredIdentity identity) =>
        ((realm.Settings.RegistrationEmailAsUsername == true ? identity.Email : null) ?? identity.LocalUsername ?? identity.Username).Trim().ToLowerInvariant();

    /// <summary>What a profile form shows of the account.</summary>
    public static Dictionary<string, List<string>> ProfileOf(Realm realm, BrokeredIdentity identity)
    {
        var values = new Dictionary<string, List<string>>(identity.Attributes, StringComparer.Ordinal);
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[
            (UserProfile.Username, identity.NameIsIncomplete ? null : NameOf(realm, identity)), (UserProfile.Email, identity.Email),
            (UserProfile.FirstName, identity.FirstName), (UserProfile.LastName, identity.LastName)])
        {
            values[name] = value is { Length: > 0 } ? [value] : [];
        }

        return values;
    }

    /// <summary>Makes a person for the account, not yet linked to it; null when the name or address was taken meanwhile.</summary>
    public async ValueTask<User?> CreateAsync(LoginContext context, IdentityProvider provider, BrokeredIdentity identity, IEnumerable<string> actions)
    {
        var realm = context.Realm;
        var person = new UserRepresentation
        {
            Id = Ids.New(), Username = NameOf(realm, identity), Email = identity.Email, FirstName = identity.FirstName, LastName = identity.LastName, Enabled = true,
            EmailVerified = IsVerified(provider, identity), CreatedTimestamp = context.Now,
            Attributes = identity.Attributes.Count == 0 ? null : new(identity.Attributes),
            RequiredActions = [.. realm.Data.RequiredActions.Where(a => (a.Enabled ?? false) && (a.DefaultAction ?? false)).Select(a => a.Alias!).Union(actions)],
        };
        var draft = PersonDraft.New(realm, person);
        foreach (var role in (string?[])[realm.Settings.DefaultRole?.Id, ReadTokenRole(realm, provider)])
        {
            if (role is not null)
            {
                draft.Grant(role);
            }
        }

        foreach (var group in realm.DefaultGroups)
        {
            draft.Join(group.Id);
        }

        mappers.Create(provider, identity, draft);
        return await context.Services.ApplyAsync(realm, context.Ct, [.. draft.Changes()]) == Written.Done ? await context.Services.Users.FindAsync(realm.Id, person.Id, context.Ct) : null;
    }

    /// <summary>
    /// Links the account to a person. Of several who link one account at once, at whatever node, one gets it; the others wait to see whom it went to. Of
    /// several accounts of a provider that one person links at once, one is linked. Imports may have brought accounts with two people, so no index can say
    /// that there are none.
    /// </summary>
    /// <param name="replaced">The link to another account that the person gives up for this one.</param>
    public async ValueTask<Linking> LinkAsync(LoginContext context, BrokeredIdentity identity, User user, FederatedIdentityRepresentation? replaced = null)
    {
        await using var person = await HoldAsync(context, $"{identity.Provider} {user.Id}");
        await using var account = person is null ? null : await HoldAsync(context, identity.AccountKey);
        if (account is null)
        {
            return Linking.Busy;
        }

        if ((await OtherLinkAsync(context, identity, user))?.UserId != replaced?.UserId)
        {
            return Linking.ToAnother;
        }

        return await FindAsync(context, identity) is { } linked && linked.Id != user.Id ? Linking.OfAnother
            : await context.Services.ApplyAsync(context.Realm, context.Ct, Link(identity, user)) == Written.Done ? Linking.Done : Linking.Busy;
    }

    private ValueTask<Hold?> HoldAsync(LoginContext context, string what) => Hold.WaitAsync(used, context.Realm.Id, LinkingKind, what, s_patience, time, context.Ct);

    /// <summary>Brings a linked person up to date: the link itself, and what mappers and the provider's mode say.</summary>
    /// <param name="linked">Whether a first sign-in by the provider linked them just now.</param>
    public async ValueTask<User> UpdateAsync(LoginContext context, IdentityProvider provider, BrokeredIdentity identity, User user, bool linked = false)
    {
        var realm = context.Realm;
        var draft = PersonDraft.Of(realm, user);
        if (provider.SyncMode == SyncMode.Force)
        {
            await ForceAsync(context, identity, draft);
        }

        mappers.Update(provider, identity, draft);
        if (draft.Person.Email != user.Email && await IsTakenAsync(context, user, draft.Person.Email))
        {
            // Another has the address: it stays theirs, and the person signs in as before.
            draft.Set(UserProfile.Email, user.Email is null ? null : [user.Email]);
        }
        else if (draft.Person.Email != user.Email)
        {
            // What was verified was the old address, whoever wrote the new one.
            draft.Person.EmailVerified = IsVerified(provider, identity) && draft.Person.Email == identity.Email;
        }
        else if (provider is { SyncMode: SyncMode.Force, TrustEmail: true } && identity is { EmailVerified: { } said, Email.Length: > 0 })
        {
            draft.Person.EmailVerified = said && draft.Person.Email == identity.Email;
        }

        if (linked && ReadTokenRole(realm, provider) is { } role)
        {
            draft.Grant(role);
        }

        var changes = draft.Changes().ToList();
        if (identity.TokenResponse is { } tokens && await context.Services.Users.FederatedTokenAsync(realm.Id, user.Id, provider.Alias, context.Ct) is { } before)
        {
            identity.TokenResponse = StoredTokens.Renewed(before, tokens);
        }

        var link = (await context.Services.Users.FederatedIdentitiesAsync(realm.Id, user.Id, context.Ct)).Find(l => l.IdentityProvider == provider.Alias);
        if (link is null || link.UserName != identity.Username || identity.TokenResponse is not null)
        {
            changes.Add(Link(identity, user));
        }

        if (changes.Count == 0 || await context.Services.ApplyAsync(realm, context.Ct, [.. changes]) != Written.Done)
        {
            return user;
        }

        return await context.Services.Users.FindAsync(realm.Id, user.Id, context.Ct) ?? user;
    }

    private static async ValueTask ForceAsync(LoginContext context, BrokeredIdentity identity, PersonDraft draft)
    {
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[(UserProfile.Email, identity.Email), (UserProfile.FirstName, identity.FirstName), (UserProfile.LastName, identity.LastName)])
        {
            // What the provider does not say stays.
            if (value is { Length: > 0 })
            {
                draft.Set(name, [value]);
            }
        }

        if (context.Realm.Settings.RegistrationEmailAsUsername == true && draft.Person.Email is { } email && await context.Services.Users.FindByUsernameAsync(context.Realm.Id, email, context.Ct) is null)
        {
            draft.Person.Username = email;
        }
    }

    private static async ValueTask<bool> IsTakenAsync(LoginContext context, User user, string? email) =>
        email is not null && context.Realm.Settings.DuplicateEmailsAllowed != true
        && await context.Services.Users.FindByEmailAsync(context.Realm.Id, email, context.Ct) is { } other && other.Id != user.Id;

    /// <summary>Whether a new address counts as verified: the provider is trusted in that, and does not say that it is not.</summary>
    private static bool IsVerified(IdentityProvider provider, BrokeredIdentity identity) => provider.TrustEmail && identity is { EmailVerified: not false, Email.Length: > 0 };

    private static string? ReadTokenRole(Realm realm, IdentityProvider provider) =>
        provider.GivesReadToken ? Login.Conditions.RoleCondition.Find(realm, $"{BrokerClient}.{ReadToken}") : null;

    private static PutFederatedIdentity Link(BrokeredIdentity identity, User user) =>
        new(user.Id, new FederatedIdentityRepresentation { IdentityProvider = identity.Provider, UserId = identity.Id, UserName = identity.Username }, identity.TokenResponse);
}
