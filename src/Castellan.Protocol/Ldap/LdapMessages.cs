using System.Formats.Asn1;
using System.Numerics;
using System.Text;

namespace Castellan.Protocol.Ldap;

/// <summary>An answer of a directory: what kind it is, and its result where it has one (RFC 4511 §4.1.9).</summary>
/// <param name="Operation">The application tag of the answer.</param>
/// <param name="ResultCode">The result; null for an entry.</param>
/// <param name="Entry">What was found; null for other answers.</param>
/// <param name="Cookie">Where the next page of a search begins (RFC 2696); null or empty when there is none.</param>
/// <param name="Diagnostic">What the directory says about the result, for a log.</param>
/// <param name="References">Addresses, any of which knows more (§4.1.10, §4.5.3); null when there are none.</param>
public sealed record LdapAnswer(
    int MessageId, int Operation, int? ResultCode, LdapEntry? Entry = null, byte[]? Cookie = null, string Diagnostic = "", IReadOnlyList<string>? References = null);

/// <summary>Messages of LDAP (RFC 4511): where they end, and what the answers among them say.</summary>
public static class LdapMessages
{
    /// <summary>RFC 4511 §4.14.</summary>
    public const string StartTls = "1.3.6.1.4.1.1466.20037";

    /// <summary>RFC 3062 §2.</summary>
    public const string PasswordModify = "1.3.6.1.4.1.4203.1.11.1";

    /// <summary>RFC 2696 §2.</summary>
    public const string PagedResults = "1.2.840.113556.1.4.319";

    public const int BindResponse = 1;

    public const int SearchEntry = 4;

    public const int SearchDone = 5;

    public const int SearchReference = 19;

    public const int ExtendedResponse = 24;

    /// <summary>Result codes (RFC 4511 appendix A).</summary>
    public const int Success = 0;

    public const int SizeLimitExceeded = 4;

    public const int Referral = 10;

    public const int NoSuchAttribute = 16;

    public const int ConstraintViolation = 19;

    public const int AttributeOrValueExists = 20;

    public const int NoSuchObject = 32;

    public const int InvalidDnSyntax = 34;

    public const int InvalidCredentials = 49;

    public const int UnwillingToPerform = 53;

    public const int ObjectClassViolation = 65;

    public const int EntryAlreadyExists = 68;

    /// <summary>The longest message that is read. A group with a hundred thousand members fits.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private static readonly Asn1Tag s_referral = new(TagClass.ContextSpecific, 3);

    /// <summary>How long the message is that begins here: zero when too little of it is there to tell, negative when this is no message, or one that is too long.</summary>
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

        // Active Directory writes every length in four octets.
        var octets = begun[1] & 0x7F;
        if (octets is 0 or > 4)
        {
            return -1;
        }

        if (begun.Length < 2 + octets)
        {
            return 0;
        }

        long length = 0;
        foreach (var octet in begun.Slice(2, octets))
        {
            length = (length << 8) | octet;
        }

        return length > MaxLength ? -1 : 2 + octets + (int)length;
    }

    /// <summary>Reads an answer; null when it is none.</summary>
    public static LdapAnswer? Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            var reader = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
            if (!reader.TryReadInt32(out var id))
            {
                return null;
            }

            var tag = reader.PeekTag();
            if (tag.TagClass != TagClass.Application)
            {
                return null;
            }

            var body = reader.ReadSequence(tag);
            return tag.TagValue switch
            {
                SearchEntry => new(id, tag.TagValue, null, Entry(body)),
                SearchReference => new(id, tag.TagValue, null, References: Texts(body)),
                _ => Result(id, tag.TagValue, body, reader),
            };
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static LdapAnswer? Result(int id, int operation, AsnReader body, AsnReader rest)
    {
        var code = new BigInteger(body.ReadEnumeratedBytes().Span, isUnsigned: true, isBigEndian: true);
        if (code > int.MaxValue)
        {
            return null;
        }

        body.ReadOctetString();
        var diagnostic = Encoding.UTF8.GetString(body.ReadOctetString());
        var references = body.HasData && body.PeekTag().HasSameClassAndValue(s_referral) ? Texts(body.ReadSequence(s_referral)) : null;
        return new(id, operation, (int)code, Cookie: Cookie(rest), Diagnostic: diagnostic, References: references);
    }

    private static List<string> Texts(AsnReader list)
    {
        var texts = new List<string>();
        while (list.HasData)
        {
            texts.Add(Encoding.UTF8.GetString(list.ReadOctetString()));
        }

        return texts;
    }

    /// <summary>The cookie among the controls of an answer (§4.1.11).</summary>
    private static byte[]? Cookie(AsnReader rest)
    {
        if (!rest.HasData)
        {
            return null;
        }

        var controls = rest.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0));
        while (controls.HasData)
        {
            var control = controls.ReadSequence();
            var oid = Encoding.UTF8.GetString(control.ReadOctetString());
            if (control.HasData && control.PeekTag() == Asn1Tag.Boolean)
            {
                control.ReadBoolean();
            }

            if (oid == PagedResults && control.HasData)
            {
                var value = new AsnReader(control.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
                value.ReadInteger();
                return value.ReadOctetString();
            }
        }

        return null;
    }

    private static LdapEntry Entry(AsnReader entry)
    {
        var dn = Encoding.UTF8.GetString(entry.ReadOctetString());
        var attributes = new Dictionary<string, IReadOnlyList<byte[]>>(StringComparer.OrdinalIgnoreCase);
        var list = entry.ReadSequence();
        while (list.HasData)
        {
            var attribute = list.ReadSequence();
            var name = Encoding.UTF8.GetString(attribute.ReadOctetString());
            var values = new List<byte[]>();
            var set = attribute.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                values.Add(set.ReadOctetString());
            }

            attributes[name] = values;
        }

        return new(dn, attributes);
    }
}
