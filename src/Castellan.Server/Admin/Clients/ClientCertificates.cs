using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.Server.Admin.Clients;

/// <summary>Keys of clients: self-signed, since a client's certificate is known and not vouched for.</summary>
internal static class ClientCertificates
{
    private const int KeySize = 4096;
    private const int Years = 10;

    /// <summary>A new RSA key and its certificate, both base64 of DER without armour.</summary>
    public static (string Certificate, string PrivateKey) Generate(string subject, int? bits = null, int? years = null, TimeProvider? time = null)
    {
        using var key = RSA.Create(bits ?? KeySize);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(subject.Length > 64 ? subject[..64] : subject);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = (time ?? TimeProvider.System).GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddSeconds(-100), now.AddYears(years ?? Years));
        return (Convert.ToBase64String(certificate.RawData), Convert.ToBase64String(key.ExportRSAPrivateKey()));
    }
}
