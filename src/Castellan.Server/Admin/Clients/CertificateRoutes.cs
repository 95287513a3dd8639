using Castellan.Core.Clients;
using Castellan.Core.Keys;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Protocol.Jose;

namespace Castellan.Server.Admin.Clients;

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
    private const string Set = "jwks.string", SetSwitch = "use.jwks.string";

    private static readonly AdminAnswer s_notFound = AdminAnswer.Error(400, "certificate-not-found", "Certificate or key with given alias not found in the keystore");

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
        HasOwnSet(client) && UploadedKey.OfSet(client.Attributes!.GetValueOrDefault(Set)) is { } own ? own : new CertificateRepresentation
        {
            Certificate = client.Attributes?.GetValueOrDefault(name + ".certificate"),
            PrivateKey = client.Attributes?.GetValueOrDefault(name + ".private.key"),
            PublicKey = client.Attributes?.GetValueOrDefault(name + ".public.key"),
            Kid = client.Attributes?.GetValueOrDefault(name + ".kid"),
        },
        AdminApiJson.Default.CertificateRepresentation);

    private static bool IsOidc(ClientRepresentation client) => client.Protocol is null or "openid-connect";

    private static bool HasOwnSet(ClientRepresentation client) => IsOidc(client) && client.Attributes?.GetValueOrDefault(SetSwitch) == "true";

    private static async ValueTask<ClientRepresentation> SetAsync(AdminContext context, Client client, CertificateRepresentation given, string act)
    {
        var name = context.Route("name");
        var changed = client.Representation.Copy(AdminJson.Default.ClientRepresentation);
        var attributes = changed.Attributes ??= [];
        var asSet = IsOidc(changed) && given.Jwks is not null;
        List<(string, string?)> parts = asSet
            ? [(".certificate", null), (".private.key", null), (".public.key", null), (".kid", null)]
            : [(".certificate", given.Certificate), (".private.key", given.PrivateKey), (".public.key", given.PublicKey), (".kid", given.Kid)];
        foreach (var (part, value) in parts)
        {
            attributes.Remove(name + part);
            if (value is not null)
            {
                attributes[name + part] = value;
            }
        }

        if (IsOidc(changed))
        {
            // One of the two counts, and that is the one which came last.
            attributes.Remove(SetSwitch);
            attributes.Remove(Set);
            if (asSet)
            {
                (attributes[SetSwitch], attributes[Set]) = ("true", given.Jwks);
            }
        }

        await context.ApplyAsync(new PutClient(changed));
        var told = new CertificateRepresentation { Certificate = given.Certificate, PublicKey = given.PublicKey, Kid = given.Kid, Jwks = given.Jwks };
        await context.RecordAsync("ACTION", "CLIENT", $"clients/{client.Id}/certificates/{name}/{act}", told, AdminApiJson.Default.CertificateRepresentation);
        return changed;
    }

    private static async ValueTask<AdminAnswer> GenerateAsync(AdminContext context, Client client)
    {
        var (certificate, key) = ClientCertificates.Generate(client.ClientId);
        return Show(await SetAsync(context, client, new() { Certificate = certificate, PrivateKey = key }, "generate"), context.Route("name"));
    }

    private static async ValueTask<AdminAnswer> UploadAsync(AdminContext context, Client client, bool withKey)
    {
        if (!(await UploadedKey.ReadAsync(context, s_notFound)).Ok(out var read, out var refusal))
        {
            return refusal;
        }

        if (!withKey)
        {
            read.PrivateKey = null;
        }

        // Kept without PEM lines, as the keys are that are made here.
        read.PublicKey = read.PublicKey is { } text && KeyFiles.TryReadPublicKey(text, out var key) ? KeyFiles.WritePublicKey(key) : null;
        return Show(await SetAsync(context, client, read, withKey ? "upload" : "upload-certificate"), context.Route("name"));
    }

    private static async ValueTask<AdminAnswer> DownloadAsync(AdminContext context, Client client)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.KeyStoreConfig)).Ok(out var config, out var refusal))
        {
            return refusal;
        }

        var (certificate, key) = (client.Attribute(context.Route("name") + ".certificate"), client.Attribute(context.Route("name") + ".private.key"));
        return RefuseFormat(config)
            ?? (certificate is null ? AdminAnswer.NotFound("keypair not generated for client") : RefusePasswords(config, key is not null, "download") ?? Store(context.Realm, certificate, key, config, client));
    }

    private static async ValueTask<AdminAnswer> GenerateAndDownloadAsync(AdminContext context, Client client)
    {
        if (!(await context.ReadAsync(AdminApiJson.Default.KeyStoreConfig)).Ok(out var config, out var refusal)
            || (RefuseFormat(config) ?? RefusePasswords(config, hasKey: true, "generation and download")) is { } bad && (refusal = bad) is not null)
        {
            return refusal;
        }

        if (config.KeySize is > 0 and not (2048 or 3072 or 4096) || config.Validity > 100)
        {
            return AdminAnswer.Error(400, "invalid_request", "A key has 2048, 3072 or 4096 bits, and a certificate counts for 100 years at most");
        }

        // The key leaves the server and is not kept.
        var (certificate, key) = ClientCertificates.Generate(client.ClientId, config.KeySize is > 0 and var bits ? bits : null, config.Validity is > 0 and var years ? years : null);
        await SetAsync(context, client, new() { Certificate = certificate }, "generate-and-download");
        return Store(context.Realm, certificate, key, config, client);
    }

    private static AdminAnswer? RefuseFormat(KeyStoreConfig config) => config.Format?.ToUpperInvariant() is null or "JKS" or "PKCS12" or "BCFKS"
        ? null
        : AdminAnswer.Error(406, "Not supported keystore format. Supported keystore formats: [BCFKS, JKS, PKCS12]");

    private static AdminAnswer? RefusePasswords(KeyStoreConfig config, bool hasKey, string act) =>
        hasKey && string.IsNullOrEmpty(config.KeyPassword) ? AdminAnswer.Error(400, "password-missing", $"Need to specify a key password for jks {act}")
        : string.IsNullOrEmpty(config.StorePassword) ? AdminAnswer.Error(400, "password-missing", $"Need to specify a store password for jks {act}")
        : config.Format?.ToUpperInvariant() is "BCFKS" ? AdminAnswer.Error(406, "The format BCFKS is not written by this server: ask for PKCS12")
        : null;

    private static AdminAnswer Store(Realm realm, string certificate, string? key, KeyStoreConfig config, Client client)
    {
        var pkcs8 = key is not null && KeyFiles.TryReadPrivateKey(key, out var own) ? own.Pkcs8() : null;
        List<(string, StoredKey)> entries = [(config.KeyAlias ?? client.ClientId, new(Convert.FromBase64String(certificate), pkcs8, pkcs8 is not null))];
        if (config.RealmCertificate != false && KeyRing.Of(realm).Active(RealmKey.Sig, "RS256")?.Certificate is { } ofRealm)
        {
            entries.Add((config.RealmAlias ?? realm.Name, new(ofRealm.RawData, null, IsKey: false)));
        }

        var store = config.StorePassword!.Trim();
        return AdminAnswer.Bytes(
            config.Format?.ToUpperInvariant() is "PKCS12" ? KeyStoreFile.WritePkcs12(entries, store) : KeyStoreFile.WriteJks(entries, store, config.KeyPassword?.Trim()), "application/octet-stream");
    }
}
