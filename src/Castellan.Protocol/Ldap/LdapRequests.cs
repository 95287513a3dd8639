using System.Formats.Asn1;
using System.Text;

namespace Castellan.Protocol.Ldap;

/// <summary>How far below its base a search looks (RFC 4511 §4.5.1.2).</summary>
public enum LdapScope
{
    Base,
    OneLevel,
    Subtree,
}

/// <summary>A search (§4.5.1).</summary>
/// <param name="Attributes">Which attributes are wanted; <c>*</c> for all but those of the directory's own.</param>
/// <param name="Limit">The most entries wanted; zero for as many as the directory gives.</param>
public sealed record LdapSearch(string BaseDn, LdapScope Scope, LdapFilter Filter, IReadOnlyCollection<string> Attributes, int Limit = 0);

/// <summary>What is done with the values of an attribute (§4.6).</summary>
public enum LdapModification
{
    Add,
    Delete,
    Replace,
}

/// <summary>One change of an attribute. To replace by no values, or to delete without naming any, removes it.</summary>
public sealed record LdapAttributeChange(LdapModification Kind, string Attribute, IReadOnlyCollection<byte[]> Values)
{
    public static LdapAttributeChange Texts(LdapModification kind, string attribute, params IEnumerable<string> values) =>
        new(kind, attribute, [.. values.Select(Encoding.UTF8.GetBytes)]);
}

/// <summary>Requests of LDAP, in the form in which they are sent (RFC 4511). Everything is written with its length, so that no value can become anything else.</summary>
public static class LdapRequests
{
    private static readonly Asn1Tag s_context0 = new(TagClass.ContextSpecific, 0);

    /// <summary>A simple bind (§4.2).</summary>
    public static byte[] Bind(int id, string dn, string password) => Message(id, 0, body =>
    {
        body.WriteInteger(3);
        Text(body, dn);
        body.WriteOctetString(Encoding.UTF8.GetBytes(password), s_context0);
    });

    /// <param name="page">The size of a page (RFC 2696); zero for none.</param>
    /// <param name="cookie">Where the page begins.</param>
    public static byte[] Search(int id, LdapSearch search, int page = 0, byte[]? cookie = null) => Message(
        id,
        3,
        body =>
        {
            Text(body, search.BaseDn);
            body.WriteEnumeratedValue(search.Scope);
            body.WriteEnumeratedValue(DereferenceAliases.Always);
            body.WriteInteger(search.Limit);
            body.WriteInteger(0);
            body.WriteBoolean(false);
            search.Filter.Write(body);
            using (body.PushSequence())
            {
                foreach (var name in search.Attributes)
                {
                    Text(body, name);
                }
            }
        },
        page == 0 ? null : controls =>
        {
            var value = new AsnWriter(AsnEncodingRules.BER);
            using (value.PushSequence())
            {
                value.WriteInteger(page);
                value.WriteOctetString(cookie ?? []);
            }

            using (controls.PushSequence())
            {
                Text(controls, LdapMessages.PagedResults);
                controls.WriteBoolean(true);
                controls.WriteOctetString(value.Encode());
            }
        });

    /// <summary>A new entry (§4.7).</summary>
    public static byte[] Add(int id, string dn, IEnumerable<KeyValuePair<string, IReadOnlyCollection<byte[]>>> attributes) => Message(id, 8, body =>
    {
        Text(body, dn);
        using (body.PushSequence())
        {
            foreach (var (name, values) in attributes)
            {
                Attribute(body, name, values);
            }
        }
    });

    /// <summary>Changes of an entry, all or none (§4.6).</summary>
    public static byte[] Modify(int id, string dn, IEnumerable<LdapAttributeChange> changes) => Message(id, 6, body =>
    {
        Text(body, dn);
        using (body.PushSequence())
        {
            foreach (var change in changes)
            {
                using (body.PushSequence())
                {
                    body.WriteEnumeratedValue(change.Kind);
                    Attribute(body, change.Attribute, change.Values);
                }
            }
        }
    });

    /// <summary>Another name for an entry where it is; the old one goes (§4.9).</summary>
    public static byte[] Rename(int id, string dn, string newRdn) => Message(id, 12, body =>
    {
        Text(body, dn);
        Text(body, newRdn);
        body.WriteBoolean(true);
    });

    /// <summary>An entry goes (§4.8).</summary>
    public static byte[] Delete(int id, string dn)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            writer.WriteOctetString(Encoding.UTF8.GetBytes(dn), new Asn1Tag(TagClass.Application, 10));
        }

        return writer.Encode();
    }

    /// <summary>An extended operation (§4.12).</summary>
    public static byte[] Extended(int id, string oid, byte[]? value = null) => Message(id, 23, body =>
    {
        body.WriteOctetString(Encoding.UTF8.GetBytes(oid), s_context0);
        if (value is not null)
        {
            body.WriteOctetString(value, new Asn1Tag(TagClass.ContextSpecific, 1));
        }
    });

    /// <summary>Another password for an entry, which the directory keeps in the form it likes (RFC 3062).</summary>
    public static byte[] ModifyPassword(int id, string dn, string password)
    {
        var value = new AsnWriter(AsnEncodingRules.BER);
        using (value.PushSequence())
        {
            value.WriteOctetString(Encoding.UTF8.GetBytes(dn), s_context0);
            value.WriteOctetString(Encoding.UTF8.GetBytes(password), new Asn1Tag(TagClass.ContextSpecific, 2));
        }

        return Extended(id, LdapMessages.PasswordModify, value.Encode());
    }

    /// <summary>The end of the conversation (§4.3).</summary>
    public static byte[] Unbind(int id)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            writer.WriteNull(new Asn1Tag(TagClass.Application, 2));
        }

        return writer.Encode();
    }

    internal static void Text(AsnWriter writer, string text) => writer.WriteOctetString(Encoding.UTF8.GetBytes(text));

    private static void Attribute(AsnWriter body, string name, IReadOnlyCollection<byte[]> values)
    {
        using (body.PushSequence())
        {
            Text(body, name);
            using (body.PushSetOf())
            {
                foreach (var value in values)
                {
                    body.WriteOctetString(value);
                }
            }
        }
    }

    private static byte[] Message(int id, int operation, Action<AsnWriter> content, Action<AsnWriter>? controls = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, operation, isConstructed: true)))
            {
                content(writer);
            }

            if (controls is not null)
            {
                using (writer.PushSequence(s_context0))
                {
                    controls(writer);
                }
            }
        }

        return writer.Encode();
    }

    private enum DereferenceAliases
    {
        Never,
        InSearching,
        FindingBase,
        Always,
    }
}
