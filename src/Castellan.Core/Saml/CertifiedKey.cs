using Castellan.Protocol.Jose;

namespace Castellan.Core.Saml;

/// <summary>A key of another party, and how long its certificate holds; a bare key counts always.</summary>
internal sealed record CertifiedKey(JoseKey Key, DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>The key of a certificate, or a public key by itself; null when the text is neither, or the key is of another kind.</summary>
    public static CertifiedKey? Read(string? text)
    {
        if (text is null || !KeyFiles.TryReadPublicKey(text, out var key) || key is not (RsaKey or EcKey))
        {
            return null;
        }

        if (!KeyFiles.TryReadCertificate(text, out var certificate))
        {
            return new(key, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        }

        using (certificate)
        {
            return new(key, certificate.NotBefore, certificate.NotAfter);
        }
    }

    /// <summary>The key, while it counts.</summary>
    public JoseKey? At(DateTimeOffset now) => now >= From && now <= Until ? Key : null;
}
