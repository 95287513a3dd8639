using System.Formats.Asn1;
using System.Text;

namespace Castellan.Protocol.Ldap;

/// <summary>
/// Which entries a search finds (RFC 4511 §4.5.1.7). Filters are built, and sent, as a tree: a value never passes through a text in which it could end
/// its own condition and begin another.
/// </summary>
public abstract record LdapFilter
{
    private LdapFilter()
    {
    }

    /// <summary>Every entry.</summary>
    public static LdapFilter Everything { get; } = new Has("objectClass");

    public static LdapFilter All(params IEnumerable<LdapFilter> parts) => Join(0, parts);

    public static LdapFilter Any(params IEnumerable<LdapFilter> parts) => Join(1, parts);

    public static LdapFilter Not(LdapFilter part) => new Negation(part);

    public static LdapFilter Is(string attribute, string value) => new Comparison(3, attribute, Encoding.UTF8.GetBytes(value));

    public static LdapFilter Is(string attribute, byte[] value) => new Comparison(3, attribute, value);

    public static LdapFilter AtLeast(string attribute, string value) => new Comparison(5, attribute, Encoding.UTF8.GetBytes(value));

    public static LdapFilter Present(string attribute) => new Has(attribute);

    /// <summary>A value with stars for anything; all that is between them is taken as it is.</summary>
    public static LdapFilter Like(string attribute, string pattern)
    {
        var pieces = pattern.Split('*').Select(Encoding.UTF8.GetBytes).ToList();
        return pieces.Count == 1 ? Is(attribute, pieces[0]) : pieces.TrueForAll(p => p.Length == 0) ? Present(attribute) : new Pieces(attribute, pieces);
    }

    /// <summary>A value that contains this text.</summary>
    public static LdapFilter Contains(string attribute, string part) => part.Length == 0 ? Present(attribute) : new Pieces(attribute, [[], Encoding.UTF8.GetBytes(part), []]);

    /// <summary>Reads a filter that an operator wrote (RFC 4515); null when it is none.</summary>
    public static LdapFilter? Parse(string text) => new LdapFilterParser(text).Parse();

    internal abstract void Write(AsnWriter writer);

    private static LdapFilter Join(int tag, IEnumerable<LdapFilter> parts) => parts.ToList() is [var one] ? one : new Set(tag, [.. parts]);

    internal sealed record Set(int Tag, IReadOnlyList<LdapFilter> Parts) : LdapFilter
    {
        internal override void Write(AsnWriter writer)
        {
            using (writer.PushSetOf(new Asn1Tag(TagClass.ContextSpecific, Tag)))
            {
                foreach (var part in Parts)
                {
                    part.Write(writer);
                }
            }
        }
    }

    internal sealed record Negation(LdapFilter Part) : LdapFilter
    {
        internal override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 2)))
            {
                Part.Write(writer);
            }
        }
    }

    /// <param name="Tag">3 equal, 5 at least, 6 at most, 8 about.</param>
    internal sealed record Comparison(int Tag, string Attribute, byte[] Value) : LdapFilter
    {
        internal override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, Tag)))
            {
                LdapRequests.Text(writer, Attribute);
                writer.WriteOctetString(Value);
            }
        }
    }

    internal sealed record Has(string Attribute) : LdapFilter
    {
        internal override void Write(AsnWriter writer) => writer.WriteOctetString(Encoding.UTF8.GetBytes(Attribute), new Asn1Tag(TagClass.ContextSpecific, 7));
    }

    /// <summary>What a value begins with, contains in this order, and ends with; empty where that does not matter.</summary>
    internal sealed record Pieces(string Attribute, IReadOnlyList<byte[]> Parts) : LdapFilter
    {
        internal override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 4)))
            {
                LdapRequests.Text(writer, Attribute);
                using (writer.PushSequence())
                {
                    for (var i = 0; i < Parts.Count; i++)
                    {
                        if (Parts[i].Length > 0)
                        {
                            writer.WriteOctetString(Parts[i], new Asn1Tag(TagClass.ContextSpecific, i == 0 ? 0 : i == Parts.Count - 1 ? 2 : 1));
                        }
                    }
                }
            }
        }
    }

    /// <summary>A comparison by a rule of its own (<c>attribute:dn:rule:=value</c>).</summary>
    internal sealed record ByRule(string? Rule, string? Attribute, byte[] Value, bool Dn) : LdapFilter
    {
        internal override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 9)))
            {
                if (Rule is not null)
                {
                    writer.WriteOctetString(Encoding.UTF8.GetBytes(Rule), new Asn1Tag(TagClass.ContextSpecific, 1));
                }

                if (Attribute is not null)
                {
                    writer.WriteOctetString(Encoding.UTF8.GetBytes(Attribute), new Asn1Tag(TagClass.ContextSpecific, 2));
                }

                writer.WriteOctetString(Value, new Asn1Tag(TagClass.ContextSpecific, 3));
                if (Dn)
                {
                    writer.WriteBoolean(true, new Asn1Tag(TagClass.ContextSpecific, 4));
                }
            }
        }
    }

    /// <summary>A comparison that follows chains of membership, as Active Directory can.</summary>
    public static LdapFilter InChain(string attribute, string value) => new ByRule("1.2.840.113556.1.4.1941", attribute, Encoding.UTF8.GetBytes(value), Dn: false);
}
