using Castellan.Core.Login.Actions;
using Castellan.Core.Representations;
using Castellan.Core.Users.LoginFailures;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>What a directory of Microsoft's says of an account: whether it is on, and whether its password has to be changed.</summary>
public abstract class AccountMapper(ComponentRepresentation component, LdapFederation federation) : LdapMapper(component, federation)
{
    /// <summary>When the password was set; 0 when it has to be changed. Only these two can be written: 0, and -1 for now.</summary>
    protected const string PasswordSet = "pwdLastSet";

    protected const string MustChange = "0";

    private const string IsFresh = "-1";

    protected bool Writes => Federation.Mode == EditMode.Writable;

    public override void Import(LdapEntry entry, UserRepresentation user)
    {
        if (IsOn(entry) is { } on)
        {
            user.Enabled = on && !IsLocked(user);
        }
    }

    public override void Show(LdapEntry entry, UserRepresentation shown)
    {
        if (IsOn(entry) is not { } on)
        {
            return;
        }

        if (IsTrue("always.read.enabled.value.from.ldap"))
        {
            shown.Enabled = on && !IsLocked(shown);
        }

        // Where the directory is only read, nobody could change the password from here.
        if (Writes && (entry.Text(PasswordSet) is null or MustChange || HasExpired(entry)))
        {
            Require(shown);
        }
    }

    public override void Write(UserRepresentation? before, UserRepresentation after, EntryDraft draft)
    {
        if (!Writes || before is null || draft.Current is not { } entry)
        {
            return;
        }

        if (before.Enabled != after.Enabled)
        {
            WriteEnabled(entry, after.Enabled == true, draft);
        }

        var (had, has) = (Requires(before), Requires(after));
        if (IsOn(entry) is not null && had != has && (has || MayBeFresh(entry)))
        {
            draft.Set(PasswordSet, has ? MustChange : IsFresh);
        }
    }

    /// <summary>A new account is off until somebody switches it on, and its password has to be changed until one is set.</summary>
    public override void Complete(UserRepresentation made, EntryDraft draft)
    {
        if (Writes && IsOn(draft.Current!) is { } on && on != (made.Enabled == true))
        {
            WriteEnabled(draft.Current!, made.Enabled == true, draft);
        }
    }

    public override void WriteBesidePassword(UserRepresentation user, bool isTemporary, EntryDraft draft)
    {
        if (IsOn(draft.Current!) is null)
        {
            return;
        }

        draft.Set(PasswordSet, isTemporary ? MustChange : IsFresh);
        WriteUsable(draft.Current!, user.Enabled == true, draft);
    }

    /// <summary>
    /// Active Directory names the reason, and these only to who knew the password: it is over (532), or has to be changed first (773). Where nobody can
    /// change it from here, it stays refused.
    /// </summary>
    public override bool Pardons(DirectoryResult refused, UserRepresentation changed)
    {
        if (!Writes || !(refused.Diagnostic.Contains("data 532", StringComparison.Ordinal) || refused.Diagnostic.Contains("data 773", StringComparison.Ordinal)))
        {
            return false;
        }

        Require(changed);
        return true;
    }

    /// <summary>Whether the account is on; null for an entry that is no account.</summary>
    protected abstract bool? IsOn(LdapEntry entry);

    protected abstract bool HasExpired(LdapEntry entry);

    protected abstract void WriteEnabled(LdapEntry entry, bool enabled, EntryDraft draft);

    /// <summary>What else holds of an account that has a password now.</summary>
    protected abstract void WriteUsable(LdapEntry entry, bool enabled, EntryDraft draft);

    /// <summary>Whether a password that had to be changed may be called a fresh one without being set.</summary>
    protected virtual bool MayBeFresh(LdapEntry entry) => true;

    /// <summary>Whoever guessed too often is out for good here, whatever the directory says.</summary>
    private static bool IsLocked(UserRepresentation user) => user.Attributes?.ContainsKey(BruteForceGuard.DisabledReason) == true;

    private static bool Requires(UserRepresentation user) => user.RequiredActions?.Contains(UpdatePassword.Id) == true;

    private static void Require(UserRepresentation user)
    {
        if (!Requires(user))
        {
            user.RequiredActions = [.. user.RequiredActions ?? [], UpdatePassword.Id];
        }
    }
}
