using System.Formats.Asn1;

namespace Castellan.Core.Keys;

/// <summary>The private keys of a PKCS #12 store by the names that their owner gave them (RFC 7292 §4.2.2, <c>friendlyName</c>): .NET reads the keys, not their names.</summary>
internal static class KeystoreAliases
{
    private const string Data = "1.2.840.113549.1.7.1", ShroudedKey = "1.2.840.113549.1.12.10.1.2", FriendlyName = "1.2.840.113549.1.9.20";

    /// <summary>Each key with its name, still encrypted as PKCS #8 has it. The names stand in the clear; parts of the store that are encrypted whole hold no keys.</summary>
    public static List<(string Alias, ReadOnlyMemory<byte> Pkcs8)> Read(ReadOnlyMemory<byte> store)
    {
        var keys = new List<(string, ReadOnlyMemory<byte>)>();
        var pfx = new AsnReader(store, AsnEncodingRules.BER).ReadSequence();
        pfx.ReadInteger();
        var safe = ContentOf(pfx.ReadSequence());
        for (var infos = safe?.ReadSequence(); infos?.HasData is true;)
        {
            for (var bags = ContentOf(infos.ReadSequence())?.ReadSequence(); bags?.HasData is true;)
            {
                var bag = bags.ReadSequence();
                if (bag.ReadObjectIdentifier() != ShroudedKey)
                {
                    continue;
                }

                var key = bag.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)).PeekEncodedValue();
                keys.Add((bag.HasData ? NameIn(bag.ReadSetOf(skipSortOrderValidation: true)) : "", key));
            }
        }

        return keys;
    }

    private static AsnReader? ContentOf(AsnReader info) =>
        info.ReadObjectIdentifier() == Data
            ? new(info.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)).ReadOctetString(), AsnEncodingRules.BER)
            : null;

    private static string NameIn(AsnReader attributes)
    {
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            if (attribute.ReadObjectIdentifier() == FriendlyName)
            {
                return attribute.ReadSetOf(skipSortOrderValidation: true).ReadCharacterString(UniversalTagNumber.BMPString);
            }
        }

        return "";
    }
}
