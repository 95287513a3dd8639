using System.Globalization;
using Castellan.Core.Representations;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>What Active Directory Lightweight Directory Services say of an account.</summary>
public sealed class MsadLdsMapper(ComponentRepresentation component, LdapFederation federation) : AccountMapper(component, federation)
{
    private const string Disabled = "msDS-UserAccountDisabled";
    private const string Expired = "msDS-UserPasswordExpired";

    public override IEnumerable<string> Reads => [Disabled, Expired, PasswordSet];

    protected override bool? IsOn(LdapEntry entry) => !IsTrue(entry, Disabled);

    protected override bool HasExpired(LdapEntry entry) => IsTrue(entry, Expired);

    /// <summary>An account without a password cannot be switched.</summary>
    protected override void WriteEnabled(LdapEntry entry, bool enabled, EntryDraft draft)
    {
        if (long.TryParse(entry.Text(PasswordSet), NumberStyles.None, CultureInfo.InvariantCulture, out var set) && set > 0)
        {
            draft.Set(Disabled, enabled ? "FALSE" : "TRUE");
        }
    }

    protected override void WriteUsable(LdapEntry entry, bool enabled, EntryDraft draft)
    {
        if (enabled)
        {
            draft.Set(Disabled, "FALSE");
        }
    }

    private static bool IsTrue(LdapEntry entry, string attribute) => string.Equals(entry.Text(attribute), "true", StringComparison.OrdinalIgnoreCase);
}
