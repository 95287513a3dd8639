using Castellan.Protocol.Jose;

namespace Castellan.Server.Admin.IdentityProviders;

/// <summary>The key in a file that an administrator has, as settings of providers want it. Nothing is kept.</summary>
internal static class ProviderCertificate
{
    private static readonly AdminAnswer s_nothingInIt = AdminAnswer.Error(400, "certificate-not-found", "Invalid certificate/key in file");

    public static IReadOnlyList<AdminRoute> All { get; } =
        [AdminRoute.Post("identity-provider/upload-certificate", Permission.ManageIdentityProviders, ReadAsync)];

    private static async ValueTask<AdminAnswer> ReadAsync(AdminContext context)
    {
        if (!(await UploadedKey.ReadAsync(context, s_nothingInIt)).Ok(out var read, out var refusal))
        {
            return refusal;
        }

        // What providers sign is checked by a public key; a private one that came along is not said again.
        read.PrivateKey = null;
        if (read.Certificate is { } certificate)
        {
            if (!KeyFiles.TryReadPublicKey(certificate, out var key))
            {
                return s_nothingInIt;
            }

            read.PublicKey = KeyFiles.WritePublicKey(key);
        }

        return AdminAnswer.Json(read, AdminApiJson.Default.CertificateRepresentation);
    }
}
