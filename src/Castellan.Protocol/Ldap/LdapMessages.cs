using System.Formats.Asn1;
using System.Numerics;

namespace Castellan.Protocol.Ldap;

/// <summary>An answer of a directory: what kind it is, and its result where it has one (RFC 4511 §4.1.9).</summary>
/// <param name="Operation">The application tag of the answer.</param>
/// <param name="ResultCode">The result; null for an entry.</param>
/// <param name="Attributes">The attributes of an entry.</param>
public sealed record LdapAnswer(int MessageId, int Operation, int? ResultCode, IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes);

/// <summary>Messages of LDAP (RFC 4511), as far as a directory is asked who it is and whether it knows somebody.</summary>
public static class LdapMessages
{
    /// <summary>RFC 4511 §4.14.</summary>
    public const string StartTls = "1.3.6.1.4.1.1466.20037";

    public const int BindResponse = 1;

    public const int SearchEntry = 4;

    public const int SearchDone = 5;

    public const int ExtendedResponse = 24;

    /// <summary>Result codes (RFC 4511 appendix A).</summary>
    public const int Success = 0;

    public const int InvalidDnSyntax = 34;

    public const int InvalidCredentials = 49;

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> s_none = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>A simple bind (§4.2).</summary>
    public static byte[] Bind(int id, string dn, string password) => Message(id, 0, body =>
    {
        body.WriteInteger(3);
        body.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(dn));
        body.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(password), new Asn1Tag(TagClass.ContextSpecific, 0));
    });

    /// <summary>The attributes of the directory's own entry (§4.5.1, RFC 4512 §5.1).</summary>
    public static byte[] ReadRoot(int id, params ReadOnlySpan<string> attributes)
    {
        var names = attributes.ToArray();
        return Message(id, 3, body =>
        {
            body.WriteOctetString([]);
            body.WriteEnumeratedValue(SearchScope.Base);
            body.WriteEnumeratedValue(DereferenceAliases.Never);
            body.WriteInteger(0);
            body.WriteInteger(0);
            body.WriteBoolean(false);
            body.WriteOctetString("objectClass"u8, new Asn1Tag(TagClass.ContextSpecific, 7));
            using (body.PushSequence())
            {
                foreach (var name in names)
                {
                    body.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(name));
                }
            }
        });
    }

    /// <summary>An extended operation without a value (§4.12).</summary>
    public static byte[] Extended(int id, string oid) => Message(id, 23, body =>
        body.WriteOctetString(System.Text.Encoding.UTF8.GetBytes(oid), new Asn1Tag(TagClass.ContextSpecific, 0)));

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

    /// <summary>How long the message is that begins here: zero when too little of it is there to tell, negative when this is no message.</summary>
    public static int Length(ReadOnlySpan<byte> begun)
    {
        if (begun.Length < 2)
        {
            return 0;
        }

        if (begun[0] != 0x30)
        {
            return -1;
        }

        if (begun[1] < 0x80)
        {
            return 2 + begun[1];
        }

        var octets = begun[1] & 0x7F;
        if (octets is 0 or > 3)
        {
            return -1;
        }

        if (begun.Length < 2 + octets)
        {
            return 0;
        }

        var length = 0;
        foreach (var octet in begun.Slice(2, octets))
        {
            length = (length << 8) | octet;
        }

        return 2 + octets + length;
    }

    /// <summary>Reads an answer; null when it is none.</summary>
    public static LdapAnswer? Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            var reader = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            var id = (int)reader.ReadInteger();
            var tag = reader.PeekTag();
            if (tag.TagClass != TagClass.Application)
            {
                return null;
            }

            var body = reader.ReadSequence(tag);
            return tag.TagValue == SearchEntry
                ? new(id, tag.TagValue, null, Attributes(body))
                : new(id, tag.TagValue, (int)new BigInteger(body.ReadEnumeratedBytes().Span, isUnsigned: true, isBigEndian: true), s_none);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static Dictionary<string, IReadOnlyList<string>> Attributes(AsnReader entry)
    {
        entry.ReadOctetString();
        var attributes = new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase);
        var list = entry.ReadSequence();
        while (list.HasData)
        {
            var attribute = list.ReadSequence();
            var name = System.Text.Encoding.UTF8.GetString(attribute.ReadOctetString());
            var values = new List<string>();
            var set = attribute.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                values.Add(System.Text.Encoding.UTF8.GetString(set.ReadOctetString()));
            }

            attributes[name] = values;
        }

        return attributes;
    }

    private static byte[] Message(int id, int operation, Action<AsnWriter> content)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, operation, isConstructed: true)))
            {
                content(writer);
            }
        }

        return writer.Encode();
    }

    private enum SearchScope
    {
        Base,
    }

    private enum DereferenceAliases
    {
        Never,
    }
}
