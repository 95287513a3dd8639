using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.Tests.Credentials;

/// <summary>Somebody who makes authenticators: an authority, and a certificate for a model under which statements are signed (Web Authentication Level 3 §8).</summary>
internal sealed class AttestationMaker : IDisposable
{
    private static readonly DateTimeOffset s_from = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), s_until = new(2060, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _leaf;

    /// <param name="subject">Of the certificate; empty for that of a module.</param>
    /// <param name="usage">The use of the certificate's key that is named; none where null.</param>
    public AttestationMaker(Guid model, string subject = "C=SE, O=Maker, OU=Authenticator Attestation, CN=Key", string? usage = null, bool authority = false)
    {
        using var root = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Maker of Keys", root, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Root = request.CreateSelfSigned(s_from, s_until);
        var own = new CertificateRequest(subject, _key, HashAlgorithmName.SHA256);
        own.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, false));
        var named = new AsnWriter(AsnEncodingRules.DER);
        named.WriteOctetString(model.ToByteArray(bigEndian: true));
        own.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.45724.1.1.4", named.Encode(), critical: false));
        if (usage is not null)
        {
            own.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        }

        if (subject.Length == 0)
        {
            // RFC 5280 §4.1.2.6: who has no name has another one.
            var names = new SubjectAlternativeNameBuilder();
            names.AddUri(new Uri("urn:module:1"));
            own.CertificateExtensions.Add(names.Build(critical: true));
        }

        _leaf = own.Create(Root, s_from, s_until, [1, 2, 3]);
    }

    public X509Certificate2 Root { get; }

    /// <summary>What a module leaves out or says wrong.</summary>
    public string Fault { get; set; } = "";

    /// <summary>Writes the statement for a key.</summary>
    /// <param name="signed">What is vouched for: the authenticator's data and the hash of the client's.</param>
    public void Write(CborWriter writer, string format, ECPoint key, byte[] signed)
    {
        var tpm = format == "tpm";
        var area = Area(Fault == "another key" ? Turn(key) : key);
        var attest = Attest(area, SHA256.HashData(signed));
        writer.WriteStartMap(tpm ? 6 : 3);
        writer.WriteTextString("alg");
        writer.WriteInt32(-7);
        writer.WriteTextString("sig");
        writer.WriteByteString(_key.SignData(tpm ? attest : signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        writer.WriteTextString("x5c");
        writer.WriteStartArray(1);
        writer.WriteByteString(_leaf.RawData);
        writer.WriteEndArray();
        if (tpm)
        {
            writer.WriteTextString("ver");
            writer.WriteTextString("2.0");
            writer.WriteTextString("certInfo");
            writer.WriteByteString(attest);
            writer.WriteTextString("pubArea");
            writer.WriteByteString(Fault == "short" ? area[..20] : area);
        }

        writer.WriteEndMap();
    }

    public void Dispose()
    {
        _key.Dispose();
        _leaf.Dispose();
        Root.Dispose();
    }

    private static ECPoint Turn(ECPoint key) => new() { X = key.Y, Y = key.X };

    // An ECDSA key on P-256, hashed by SHA-256.
    private static byte[] Area(ECPoint key) =>
        [0x00, 0x23, 0x00, 0x0B, 0, 6, 4, 0x72, .. Sized([]), 0x00, 0x10, 0x00, 0x18, 0x00, 0x0B, 0x00, 0x03, 0x00, 0x10, .. Sized(key.X!), .. Sized(key.Y!)];

    private byte[] Attest(byte[] area, byte[] digest)
    {
        byte[] name = [0x00, 0x0B, .. SHA256.HashData(Fault == "another name" ? [] : area)];
        return [0xFF, 0x54, 0x43, Fault == "not made by it" ? (byte)0 : (byte)0x47, 0x80, Fault == "no certificate of a key" ? (byte)0x18 : (byte)0x17,
            .. Sized([1]), .. Sized(digest), .. new byte[25], .. Sized(name), .. Sized([2])];
    }

    private static byte[] Sized(byte[] bytes)
    {
        var sized = new byte[bytes.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(sized, (ushort)bytes.Length);
        bytes.CopyTo(sized, 2);
        return sized;
    }
}
