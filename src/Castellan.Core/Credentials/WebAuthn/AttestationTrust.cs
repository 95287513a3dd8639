using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.Core.Credentials.WebAuthn;

/// <summary>
/// Whose authenticators are believed (Web Authentication Level 3 §7.1, trust anchors): those whose certificates lead to an authority of the system or of the
/// operator (<c>truststore-paths</c>). Anybody can make a certificate that names a model.
/// </summary>
/// <param name="roots">Authorities in place of those.</param>
public sealed class AttestationTrust(TimeProvider time, X509Certificate2Collection? roots = null)
{
    /// <param name="certificates">The authenticator's own, then those above it.</param>
    public bool Vouches(IReadOnlyList<byte[]> certificates)
    {
        using var chain = new X509Chain();
        var policy = chain.ChainPolicy;
        policy.RevocationMode = X509RevocationMode.NoCheck;
        // Addresses in a stranger's certificate are not asked.
        policy.DisableCertificateDownloads = true;
        policy.VerificationTime = time.GetLocalNow().DateTime;
        if (roots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        try
        {
            using var leaf = X509CertificateLoader.LoadCertificate(certificates[0]);
            foreach (var above in certificates.Skip(1))
            {
                policy.ExtraStore.Add(X509CertificateLoader.LoadCertificate(above));
            }

            return chain.Build(leaf);
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            foreach (var certificate in policy.ExtraStore.Concat(chain.ChainElements.Select(e => e.Certificate)))
            {
                certificate.Dispose();
            }
        }
    }
}
