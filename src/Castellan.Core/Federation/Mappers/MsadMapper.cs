using System.Globalization;
using Castellan.Core.Login.Actions;
using Castellan.Core.Representations;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>What Active Directory says of an account, as bits of one number; those that are not meant stay as they are.</summary>
public sealed class MsadMapper(ComponentRepresentation component, LdapFederation federation) : AccountMapper(component, federation)
{
    private const string Control = "userAccountControl";
    private const long Disabled = 0x2;
    private const long PasswordNotRequired = 0x20;
    private const long PasswordExpired = 0x80_0000;

    public override IEnumerable<string> Reads => [Control, PasswordSet];

    public override bool Keeps(LdapEntry entry, string action) => Writes && action == UpdatePassword.Id && ControlOf(entry) is not null;

    protected override bool? IsOn(LdapEntry entry) => ControlOf(entry) is { } control ? (control & Disabled) == 0 : null;

    protected override bool HasExpired(LdapEntry entry) => (ControlOf(entry) & PasswordExpired) > 0;

    protected override void WriteEnabled(LdapEntry entry, bool enabled, EntryDraft draft)
    {
        if (ControlOf(entry) is { } control)
        {
            Set(draft, enabled ? control & ~Disabled : control | Disabled);
        }
    }

    protected override void WriteUsable(LdapEntry entry, bool enabled, EntryDraft draft)
    {
        var control = ControlOf(entry)!.Value & ~(PasswordNotRequired | PasswordExpired);
        Set(draft, enabled ? control & ~Disabled : control);
    }

    /// <summary>An account that needs no password has none yet.</summary>
    protected override bool MayBeFresh(LdapEntry entry) => (ControlOf(entry) & PasswordNotRequired) == 0;

    private static void Set(EntryDraft draft, long control) => draft.Set(Control, control.ToString(CultureInfo.InvariantCulture));

    private static long? ControlOf(LdapEntry entry) =>
        long.TryParse(entry.Text(Control), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var control) && control != 0 ? control : null;
}
