using System.Security.Cryptography;
using Castellan.Protocol.Jose;
using Castellan.Server.Admin.Clients;

namespace Castellan.Server.Admin.IdentityProviders;

/// <summary>The key in a file that an administrator has, as settings of providers want it. Nothing is kept.</summary>
internal static class ProviderCertificate
{
    private static readonly AdminAnswer s_nothingInIt = AdminAnswer.Error(400, "certificate-not-found", "Invalid certificate/key in file");

    public static IReadOnlyList<AdminRoute> All { get; } =
        [AdminRoute.Post("identity-provider/upload-certificate", Permission.ManageIdentityProviders, ReadAsync)];

    private static async ValueTask<AdminAnswer> ReadAsync(AdminContext context)
    {
        if (!context.Http.Request.HasFormContentType)
        {
            return AdminAnswer.Error(415, "HTTP 415 Unsupported Media Type");
        }

        var form = await context.Http.Request.ReadFormAsync(context.Aborted);
        if (form["keystoreFormat"].ToString() is not { Length: > 0 } format)
        {
            return AdminAnswer.Error(400, "keystoreFormat cannot be null");
        }

        if (await CertificateRoutes.FileAsync(form, context.Aborted) is not { Length: > 0 } file)
        {
            return AdminAnswer.Error(400, "file cannot be empty");
        }

        var text = System.Text.Encoding.UTF8.GetString(file).Trim();
        switch (format)
        {
            case "Certificate PEM":
                try
                {
                    using var certificate = CertificateRoutes.ReadCertificate(file);
                    return KeyFiles.PublicKeyOf(certificate) is { } certified
                        ? Show(new() { Certificate = KeyFiles.WriteCertificate(certificate), PublicKey = KeyFiles.WritePublicKey(certified) }) : s_nothingInIt;
                }
                catch (CryptographicException)
                {
                    return s_nothingInIt;
                }

            case "Public Key PEM":
                return KeyFiles.TryReadPublicKey(text, out _) ? Show(new() { PublicKey = text }) : s_nothingInIt;
            case "JSON Web Key Set":
                return JwkSet.TryParse(file, out var set) && set.Keys.Any(k => k.Use is null or "sig") ? Show(new() { Jwks = text }) : s_nothingInIt;
            default:
                return AdminAnswer.Error(400, "error loading keystore");
        }
    }

    private static AdminAnswer Show(CertificateRepresentation read) => AdminAnswer.Json(read, AdminApiJson.Default.CertificateRepresentation);
}
