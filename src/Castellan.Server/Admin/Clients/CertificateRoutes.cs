using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Admin.Clients;

/// <summary>A client's key and certificate, base64 of DER.</summary>
internal sealed class CertificateRepresentation
{
    public string? PrivateKey { get; set; }

    public string? PublicKey { get; set; }

    public string? Certificate { get; set; }

    public string? Kid { get; set; }

    /// <summary>A key set in the place of one key.</summary>
    public string? Jwks { get; set; }
}

/// <summary>Which key store is wanted.</summary>
internal sealed class KeyStoreConfig
{
    public bool? RealmCertificate { get; set; }

    public string? StorePassword { get; set; }

    public string? KeyPassword { get; set; }

    public string? KeyAlias { get; set; }

    public string? RealmAlias { get; set; }

    public string? Format { get; set; }

    public int? KeySize { get; set; }

    public int? Validity { get; set; }
}

/// <summary>The keys that a client has under a name: <c>jwt.credential</c>, <c>saml.signing</c>, <c>saml.encryption</c>.</summary>
internal static class CertificateRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        AdminRoute.Get("clients/{client}/certificates/{name}", Permission.ViewClients, ClientRoutes.One((c, client) => new(Show(client.Representation, c.Route("name"))))),
        AdminRoute.Post("clients/{client}/certificates/{name}/generate", Permission.ManageClients, ClientRoutes.One(GenerateAsync), noCache: true),
        AdminRoute.Post("clients/{client}/certificates/{name}/upload", Permission.ManageClients, ClientRoutes.One((c, client) => UploadAsync(c, client, withKey: true))),
        AdminRoute.Post("clients/{client}/certificates/{name}/upload-certificate", Permission.ManageClients, ClientRoutes.One((c, client) => UploadAsync(c, client, withKey: false))),
        AdminRoute.Post("clients/{client}/certificates/{name}/download", Permission.ViewClients, ClientRoutes.One(DownloadAsync), noCache: true),
        AdminRoute.Post("clients/{client}/certificates/{name}/generate-and-download", Permission.ManageClients, ClientRoutes.One(GenerateAndDownloadAsync), noCache: true),
    ];

    private static AdminAnswer Show(ClientRepresentation client, string name) => AdminAnswer.Json(
        new CertificateRepresentation
        {
            Certificate = client.Attributes?.GetValueOrDefault(name + ".certificate"),
            PrivateKey = client.Attributes?.GetValueOrDefault(name + ".private.key"),
            PublicKey = client.Attributes?.GetValueOrDefault(name + ".public.key"),
            Kid = client.Attributes?.GetValueOrDefault(name + ".kid"),
        },
        AdminApiJson.Default.CertificateRepresentation);

    private static async ValueTask<ClientRepresentation> SetAsync(AdminContext context, Client client, string? certificate, string? key, string act)
    {
        var name = context.Route("name");
        var changed = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        var attributes = changed.Attributes ??= [];
        foreach (var (part, value) in (ReadOnlySpan<(string, string?)>)[(".certificate", certificate), (".private.key", key), (".public.key", null), (".kid", null)])
        {
            attributes.Remove(name + part);
            if (value is not null)
            {
                attributes[name + part] = value;
            }
        }

        await context.ApplyAsync(new PutClient(changed));
        await context.RecordAsync("ACTION", "CLIENT", $"clients/{client.Id}/certificates/{name}/{act}", new CertificateRepresentation { Certificate = certificate }, AdminApiJson.Default.CertificateRepresentation);
        return changed;
    }

    private static async ValueTask<AdminAnswer> GenerateAsync(AdminContext context, Client client)
    {
        var (certificate, key) = ClientCertificates.Generate(client.ClientId);
        return Show(await SetAsync(context, client, certificate, key, "generate"), context.Route("name"));
    }

    private static async ValueTask<AdminAnswer> UploadAsync(AdminContext context, Client client, bool withKey)
    {
        if (!context.Http.Request.HasFormContentType)
        {
            return AdminAnswer.Error(415, "HTTP 415 Unsupported Media Type");
        }

        var form = await context.Http.Request.ReadFormAsync(context.Aborted);
        if (await FileAsync(form, context.Aborted) is not { } file)
        {
            return AdminAnswer.Error(400, "file is missing");
        }

        var format = form["keystoreFormat"].ToString();
        try
        {
            switch (format)
            {
                case "Certificate PEM":
                    using (var certificate = ReadCertificate(file))
                    {
                        return Show(await SetAsync(context, client, Convert.ToBase64String(certificate.RawData), null, withKey ? "upload" : "upload-certificate"), context.Route("name"));
                    }

                case "PKCS12":
                    var password = form["storePassword"].ToString();
                    using (var store = X509CertificateLoader.LoadPkcs12(file, password, X509KeyStorageFlags.Exportable | X509KeyStorageFlags.EphemeralKeySet))
                    {
                        using var rsa = withKey ? store.GetRSAPrivateKey() : null;
                        var key = rsa is null ? null : Convert.ToBase64String(rsa.ExportRSAPrivateKey());
                        return Show(await SetAsync(context, client, Convert.ToBase64String(store.RawData), key, withKey ? "upload" : "upload-certificate"), context.Route("name"));
                    }

                default:
                    return AdminAnswer.Error(400, "invalid_request", $"Not supported keystore format: {format}");
            }
        }
        catch (CryptographicException)
        {
            return AdminAnswer.Error(400, "invalid_request", "Certificate or key store cannot be read");
        }
    }

    private static async ValueTask<AdminAnswer> DownloadAsync(AdminContext context, Client client)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.KeyStoreConfig)).Ok(out var config, out var refusal) || Refuse(config) is { } bad && (refusal = bad) is not null)
        {
            return refusal;
        }

        return client.Attribute(context.Route("name") + ".certificate") is { } certificate
            ? Store(certificate, client.Attribute(context.Route("name") + ".private.key"), config, client)
            : AdminAnswer.NotFound("keypair not generated for client");
    }

    private static async ValueTask<AdminAnswer> GenerateAndDownloadAsync(AdminContext context, Client client)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.KeyStoreConfig)).Ok(out var config, out var refusal) || Refuse(config) is { } bad && (refusal = bad) is not null)
        {
            return refusal;
        }

        // The key leaves the server and is not kept.
        var (certificate, key) = ClientCertificates.Generate(client.ClientId);
        await SetAsync(context, client, certificate, null, "generate-and-download");
        return Store(certificate, key, config, client);
    }

    private static AdminAnswer? Refuse(KeyStoreConfig config) =>
        config.Format is not (null or "JKS" or "PKCS12" or "BCFKS") ? AdminAnswer.Error(406, "Not supported keystore format. Supported keystore formats: [BCFKS, JKS, PKCS12]")
        : string.IsNullOrEmpty(config.KeyPassword) ? AdminAnswer.Error(400, "password-missing", "Need to specify a key password for jks download")
        : string.IsNullOrEmpty(config.StorePassword) ? AdminAnswer.Error(400, "password-missing", "Need to specify a store password for jks download")
        : config.Format is not "PKCS12" ? AdminAnswer.Error(406, $"The format {config.Format ?? "JKS"} is not written by this server: ask for PKCS12")
        : null;

    private static AdminAnswer Store(string certificate, string? key, KeyStoreConfig config, Client client)
    {
        using var read = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(certificate));
        if (key is null)
        {
            return AdminAnswer.Bytes(read.Export(X509ContentType.Pkcs12, config.StorePassword), "application/octet-stream");
        }

        using var rsa = RSA.Create();
        rsa.ImportRSAPrivateKey(Convert.FromBase64String(key), out _);
        using var both = read.CopyWithPrivateKey(rsa);
        if (OperatingSystem.IsWindows())
        {
            both.FriendlyName = config.KeyAlias ?? client.ClientId;
        }

        return AdminAnswer.Bytes(both.Export(X509ContentType.Pkcs12, config.StorePassword), "application/octet-stream");
    }

    internal static async ValueTask<byte[]?> FileAsync(IFormCollection form, CancellationToken ct)
    {
        if (form.Files.GetFile("file") is not { } file)
        {
            return form["file"].ToString() is { Length: > 0 } text ? System.Text.Encoding.UTF8.GetBytes(text) : null;
        }

        using var buffer = new MemoryStream();
        await file.CopyToAsync(buffer, ct);
        return buffer.ToArray();
    }

    /// <summary>A certificate in PEM, or its base64 without armour.</summary>
    internal static X509Certificate2 ReadCertificate(byte[] file)
    {
        var text = System.Text.Encoding.UTF8.GetString(file).Trim();
        try
        {
            return text.StartsWith("-----", StringComparison.Ordinal)
                ? X509Certificate2.CreateFromPem(text)
                : X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text));
        }
        catch (FormatException e)
        {
            throw new CryptographicException("This is no base64.", e);
        }
    }
}
