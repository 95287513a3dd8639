using System.Formats.Asn1;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.Core.Credentials.WebAuthn;

/// <summary>
/// How an authenticator vouches for a new key (Web Authentication Level 3 §8). Here its own statement is checked, and by <see cref="AttestationTrust"/> who
/// stands above it. Formats: none, packed (self and with certificate), tpm, fido-u2f, apple, android-key.
/// </summary>
internal sealed class AttestationStatement
{
    private const string ModelExtension = "1.3.6.1.4.1.45724.1.1.4", ModuleKey = "2.23.133.8.3";

    private static readonly string s_malformed = "Attestation statement is malformed";
    private static readonly string s_unfit = "Attestation certificate is not one of an authenticator";

    private AttestationStatement(string format, byte[] authenticatorData) => (Format, AuthenticatorData) = (format, authenticatorData);

    public string Format { get; }

    public byte[] AuthenticatorData { get; }

    private int Algorithm { get; set; }

    private byte[]? Signature { get; set; }

    private byte[]? Area { get; set; }

    private byte[]? Attest { get; set; }

    /// <summary>The authenticator's certificate and those above it; empty where nothing but the key itself vouches.</summary>
    public List<byte[]> Certificates { get; } = [];

    /// <summary>Reads an attestation object (§6.5); null for what is none.</summary>
    public static AttestationStatement? Read(byte[] cbor)
    {
        try
        {
            string? format = null;
            byte[]? data = null;
            var statement = ReadOnlyMemory<byte>.Empty;
            var reader = new CborReader(cbor, CborConformanceMode.Lax);
            var entries = reader.ReadStartMap();
            for (var i = 0; entries is null ? reader.PeekState() != CborReaderState.EndMap : i < entries; i++)
            {
                switch (reader.ReadTextString())
                {
                    case "fmt": format = reader.ReadTextString(); break;
                    case "authData": data = reader.ReadByteString(); break;
                    case "attStmt": statement = reader.ReadEncodedValue(); break;
                    default: reader.SkipValue(); break;
                }
            }

            if (format is null || data is null || statement.IsEmpty)
            {
                return null;
            }

            var read = new AttestationStatement(format, data);
            read.ReadStatement(new CborReader(statement, CborConformanceMode.Lax));
            return read;
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>Why the statement does not vouch for the key; null when it does.</summary>
    public string? Problem(AuthenticatorData data, byte[] clientDataHash) => Format switch
    {
        "none" => null,
        "packed" => Packed(data, clientDataHash),
        "tpm" => Tpm(data, clientDataHash),
        "fido-u2f" => U2f(data, clientDataHash),
        "apple" => Apple(data, clientDataHash),
        "android-key" => AndroidKey(data, clientDataHash),
        _ => $"Attestation statement format '{Format}' is not supported",
    };

    private void ReadStatement(CborReader reader)
    {
        var entries = reader.ReadStartMap();
        for (var i = 0; entries is null ? reader.PeekState() != CborReaderState.EndMap : i < entries; i++)
        {
            switch (reader.ReadTextString())
            {
                case "alg": Algorithm = reader.ReadInt32(); break;
                case "sig": Signature = reader.ReadByteString(); break;
                case "pubArea": Area = reader.ReadByteString(); break;
                case "certInfo": Attest = reader.ReadByteString(); break;
                case "x5c":
                    var count = reader.ReadStartArray();
                    for (var c = 0; count is null ? reader.PeekState() != CborReaderState.EndArray : c < count; c++)
                    {
                        Certificates.Add(reader.ReadByteString());
                    }

                    reader.ReadEndArray();
                    break;
                default: reader.SkipValue(); break;
            }
        }
    }

    private string? Packed(AuthenticatorData data, byte[] hash)
    {
        if (Signature is null)
        {
            return s_malformed;
        }

        byte[] signed = [.. data.Bytes, .. hash];
        if (Certificates.Count > 0)
        {
            return WithLeaf(leaf => IsOfAuthenticator(leaf, data.Aaguid) ? null : s_unfit) ?? Certified(signed, Algorithm);
        }

        // Self attestation: the new key signs for itself (§8.2).
        return Algorithm == data.Key!.Algorithm && data.Key.Verify(signed, Signature) ? null : "Attestation signature is invalid";
    }

    /// <summary>§8.3: the module certifies its key for this registration, under a certificate of its own.</summary>
    private string? Tpm(AuthenticatorData data, byte[] hash) => WithLeaf(leaf =>
    {
        if (Area is null || Attest is null || TpmKey.Read(Area) is not { } key)
        {
            return s_malformed;
        }

        var digest = CryptographicOperations.HashData(CoseKey.Hash(Algorithm), [.. data.Bytes, .. hash]);
        return !data.Key!.Is(key) ? "Attestation certificate does not belong to the key"
            : !key.IsCertifiedBy(Attest, digest) ? "Attestation signature is invalid"
            : IsOfModule(leaf) && IsOfModel(leaf, data.Aaguid) ? null : s_unfit;
    }) ?? Certified(Attest!, Algorithm);

    /// <summary>§8.2.1.</summary>
    private static bool IsOfAuthenticator(X509Certificate2 certificate, Guid model) =>
        certificate.Version == 3 && !IsAuthority(certificate) && IsOfModel(certificate, model)
        && certificate.SubjectName.EnumerateRelativeDistinguishedNames().Any(n => !n.HasMultipleElements && n.GetSingleElementType().Value == "2.5.4.11"
            && n.GetSingleElementValue() == "Authenticator Attestation");

    /// <summary>§8.3.1.</summary>
    private static bool IsOfModule(X509Certificate2 certificate) =>
        certificate.Version == 3 && !IsAuthority(certificate) && certificate.SubjectName.EnumerateRelativeDistinguishedNames().FirstOrDefault() is null
        && certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(e => e.EnhancedKeyUsages.Cast<Oid>().Any(u => u.Value == ModuleKey));

    private static bool IsAuthority(X509Certificate2 certificate) => certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority);

    /// <summary>Whether a certificate that names a model names this one.</summary>
    private static bool IsOfModel(X509Certificate2 certificate, Guid model) => certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == ModelExtension) is not { } named
        || (!named.Critical && AsnDecoder.ReadOctetString(named.RawData, AsnEncodingRules.DER, out _).AsSpan().SequenceEqual(model.ToByteArray(bigEndian: true)));

    private string? U2f(AuthenticatorData data, byte[] hash) => Signature is null || Certificates.Count != 1 || data.Key!.Point is not { } point || data.Aaguid != Guid.Empty
        ? s_malformed
        : Certified([0, .. data.RpIdHash, .. hash, .. data.CredentialId, .. point], -7);

    /// <summary>§8.8: the certificate holds the new key, and an extension the hash of what would be signed.</summary>
    private string? Apple(AuthenticatorData data, byte[] hash) => WithLeaf(leaf =>
    {
        var nonce = SHA256.HashData([.. data.Bytes, .. hash]);
        var extension = leaf.Extensions.FirstOrDefault(e => e.Oid?.Value == "1.2.840.113635.100.8.2");
        return extension is not null && extension.RawData.AsSpan().EndsWith(nonce) && data.Key!.IsKeyOf(leaf) ? null : "Attestation certificate does not belong to the key";
    });

    /// <summary>§8.4: the certificate holds the new key, which signs.</summary>
    private string? AndroidKey(AuthenticatorData data, byte[] hash) =>
        WithLeaf(leaf => data.Key!.IsKeyOf(leaf) ? null : "Attestation certificate does not belong to the key") ?? Certified([.. data.Bytes, .. hash], Algorithm);

    private string? Certified(byte[] signed, int algorithm) => Signature is null ? s_malformed : WithLeaf(leaf =>
    {
        using var ecdsa = leaf.GetECDsaPublicKey();
        using var rsa = leaf.GetRSAPublicKey();
        var valid = ecdsa?.VerifyData(signed, Signature, CoseKey.Hash(algorithm), DSASignatureFormat.Rfc3279DerSequence)
            ?? rsa?.VerifyData(signed, Signature, CoseKey.Hash(algorithm), RSASignaturePadding.Pkcs1) ?? false;
        return valid ? null : "Attestation signature is invalid";
    });

    private string? WithLeaf(Func<X509Certificate2, string?> check)
    {
        if (Certificates is not [var leaf, ..])
        {
            return s_malformed;
        }

        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(leaf);
            return check(certificate);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return s_malformed;
        }
    }
}
