using System.Globalization;
using Castellan.Core.Representations;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>What Active Directory says of an account: whether it is disabled, and whether its password has to be changed.</summary>
public sealed class MsadMapper(ComponentRepresentation component, LdapFederation federation) : LdapMapper(component, federation)
{
    private const string Control = "userAccountControl";
    private const string PasswordSet = "pwdLastSet";
    private const string UpdatePassword = "UPDATE_PASSWORD";
    private const long Disabled = 0x2;
    private const long PasswordNotRequired = 0x20;
    private const long Normal = 0x200;
    private const long PasswordStays = 0x10000;

    public override IEnumerable<string> Reads => [Control, PasswordSet];

    public override void Show(LdapEntry entry, UserRepresentation shown)
    {
        if (ControlOf(entry) is not { } control)
        {
            return;
        }

        var enabled = (control & Disabled) == 0;
        shown.Enabled = IsTrue("always.read.enabled.value.from.ldap") ? enabled : enabled && shown.Enabled == true;
        if (entry.Text(PasswordSet) == "0" && (control & (PasswordStays | PasswordNotRequired)) == 0 && shown.RequiredActions?.Contains(UpdatePassword) != true)
        {
            shown.RequiredActions = [.. shown.RequiredActions ?? [], UpdatePassword];
        }
    }

    public override void Write(UserRepresentation? before, UserRepresentation after, EntryDraft draft)
    {
        if (Federation.Mode != EditMode.Writable)
        {
            return;
        }

        if (before is null || before.Enabled != after.Enabled)
        {
            draft.Set(Control, (after.Enabled == true ? Normal : Normal | Disabled).ToString(CultureInfo.InvariantCulture));
        }

        if (before?.RequiredActions?.Contains(UpdatePassword) == true && after.RequiredActions?.Contains(UpdatePassword) != true)
        {
            draft.Set(PasswordSet, "-1");
        }
    }

    /// <summary>
    /// Active Directory names the reason, and these only to who knew the password: it is over (532), or has to be changed first (773). Where nobody can
    /// change it from here, it stays refused.
    /// </summary>
    public override bool Pardons(DirectoryResult refused, UserRepresentation changed)
    {
        if (Federation.Mode != EditMode.Writable || !(refused.Diagnostic.Contains("data 532", StringComparison.Ordinal) || refused.Diagnostic.Contains("data 773", StringComparison.Ordinal)))
        {
            return false;
        }

        if (changed.RequiredActions?.Contains(UpdatePassword) != true)
        {
            changed.RequiredActions = [.. changed.RequiredActions ?? [], UpdatePassword];
        }

        return true;
    }

    private static long? ControlOf(LdapEntry entry) => long.TryParse(entry.Text(Control), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var control) ? control : null;
}

/// <summary>What Active Directory Lightweight Directory Services say of an account.</summary>
public sealed class MsadLdsMapper(ComponentRepresentation component, LdapFederation federation) : LdapMapper(component, federation)
{
    private const string Disabled = "msDS-UserAccountDisabled";

    public override IEnumerable<string> Reads => [Disabled];

    public override void Show(LdapEntry entry, UserRepresentation shown)
    {
        if (string.Equals(entry.Text(Disabled), "true", StringComparison.OrdinalIgnoreCase))
        {
            shown.Enabled = false;
        }
    }

    public override void Write(UserRepresentation? before, UserRepresentation after, EntryDraft draft)
    {
        if (Federation.Mode == EditMode.Writable && before is not null && before.Enabled != after.Enabled)
        {
            draft.Set(Disabled, after.Enabled == true ? "FALSE" : "TRUE");
        }
    }
}
