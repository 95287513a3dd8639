using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Keys;
using Castellan.Protocol.Jose;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Admin;

/// <summary>A key and its certificate, base64 of DER.</summary>
internal sealed class CertificateRepresentation
{
    public string? PrivateKey { get; set; }

    public string? PublicKey { get; set; }

    public string? Certificate { get; set; }

    public string? Kid { get; set; }

    /// <summary>A key set in the place of one key.</summary>
    public string? Jwks { get; set; }
}

/// <summary>The key in a file that an administrator sends, in one of the formats that Keycloak names.</summary>
internal static class UploadedKey
{
    /// <summary>What is in the file: a certificate, a key, a set of keys, or from a key store a certificate with its private key.</summary>
    /// <param name="unread">The answer to a file without what its format says.</param>
    public static async ValueTask<Read<CertificateRepresentation>> ReadAsync(AdminContext context, AdminAnswer unread)
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

        if (await FileAsync(form, context.Aborted) is not { Length: > 0 } file)
        {
            return AdminAnswer.Error(400, "file cannot be empty");
        }

        var text = Encoding.UTF8.GetString(file).Trim();
        switch (format)
        {
            case "Certificate PEM":
                return OfCertificate(text) ?? (Read<CertificateRepresentation>)unread;
            case "Public Key PEM":
                return KeyFiles.TryReadPublicKey(text, out _) ? new CertificateRepresentation { PublicKey = text } : unread;
            case "JSON Web Key Set":
                return OfSet(text) ?? (Read<CertificateRepresentation>)unread;
            case "PKCS12" or "JKS":
                return OfStore(file, form, unread);
            default:
                return AdminAnswer.Error(400, "invalid_request", $"Not supported keystore format: {format}");
        }
    }

    /// <summary>A set of keys, and the one of them that checks signatures; null where there is none.</summary>
    public static CertificateRepresentation? OfSet(string? text) =>
        text is not null && JwkSet.TryParse(Encoding.UTF8.GetBytes(text), out var set) && set.Keys.FirstOrDefault(k => k.Use == "sig" && k.Kty != "oct") is { } jwk && JoseKey.FromJwk(jwk) is { } key
            ? new() { Jwks = text, PublicKey = KeyFiles.WritePublicKey(key), Kid = jwk.Kid }
            : null;

    private static CertificateRepresentation? OfCertificate(string text)
    {
        if (!KeyFiles.TryReadCertificate(text, out var certificate))
        {
            return null;
        }

        using (certificate)
        {
            return new() { Certificate = KeyFiles.WriteCertificate(certificate) };
        }
    }

    private static Read<CertificateRepresentation> OfStore(byte[] file, IFormCollection form, AdminAnswer unread)
    {
        if (form["keyAlias"].ToString() is not { Length: > 0 } alias)
        {
            return AdminAnswer.Error(400, "keyAlias cannot be null");
        }

        try
        {
            var keyPassword = form["keyPassword"].ToString();
            return KeyStoreFile.Find(file, alias, form["storePassword"].ToString(), keyPassword.Length > 0 ? keyPassword : null) is { } found
                ? new CertificateRepresentation
                {
                    Certificate = Convert.ToBase64String(found.Certificate),
                    PrivateKey = found.Pkcs8 is { } pkcs8 && KeyFiles.TryReadPrivateKey(Convert.ToBase64String(pkcs8), out var key) ? KeyFiles.WritePrivateKey(key) : null,
                }
                : unread;
        }
        catch (CryptographicException)
        {
            return AdminAnswer.Error(400, "error loading keystore");
        }
    }

    private static async ValueTask<byte[]?> FileAsync(IFormCollection form, CancellationToken ct)
    {
        if (form.Files.GetFile("file") is not { } file)
        {
            return form["file"].ToString() is { Length: > 0 } text ? Encoding.UTF8.GetBytes(text) : null;
        }

        using var buffer = new MemoryStream();
        await file.CopyToAsync(buffer, ct);
        return buffer.ToArray();
    }
}
