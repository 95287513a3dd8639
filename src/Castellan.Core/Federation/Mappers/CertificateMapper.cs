using System.Security.Cryptography;
using Castellan.Core.Representations;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation.Mappers;

/// <summary>A certificate of the entry as an attribute of the user, in PEM where the directory has it in DER.</summary>
public sealed class CertificateMapper(ComponentRepresentation component, LdapFederation federation) : UserAttributeMapper(component, federation)
{
    protected override List<string> Values(LdapEntry entry) =>
        IsTrue("is.der.formatted") ? [.. entry.Values(Attribute).Select(v => PemEncoding.WriteString("CERTIFICATE", v))] : base.Values(entry);
}
