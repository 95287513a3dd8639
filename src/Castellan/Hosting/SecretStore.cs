using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Text;
using Castellan.CommandLine;
using Castellan.Core.Vaults;

namespace Castellan.Hosting;

/// <summary>
/// Texts in a PKCS #12 file, by alias: what <c>keytool -importpass -storetype pkcs12</c> makes. Java keeps each as a secret bag that holds an encrypted
/// key whose bytes are the text.
/// </summary>
internal sealed class SecretStore : IVault
{
    private const int LargestFile = 4 * 1024 * 1024;
    private const string FriendlyName = "1.2.840.113549.1.9.20";
    private readonly Dictionary<string, string> _secrets = new(StringComparer.OrdinalIgnoreCase);
    private IReadOnlyList<VaultKeyForm> _forms = [];

    private SecretStore()
    {
    }

    public IReadOnlyDictionary<string, string> All => _secrets;

    /// <exception cref="CommandException">The file cannot be used; the message says which and why.</exception>
    public static SecretStore Open(string what, string file, string? password, string? type)
    {
        if (type is not null && !type.Equals("PKCS12", StringComparison.OrdinalIgnoreCase))
        {
            throw new CommandException($"{what}: key stores of type {type} cannot be read. Convert it: keytool -importkeystore -srckeystore {file} -destkeystore {file}.p12 -deststoretype pkcs12");
        }

        if (new FileInfo(file) is not { Exists: true, Length: <= LargestFile })
        {
            throw new CommandException($"{what}: the file {file} does not exist, or is far too large");
        }

        if (password is null)
        {
            throw new CommandException($"{what}: the password of {file} is not given");
        }

        try
        {
            var store = new SecretStore();
            store.Read(File.ReadAllBytes(file), password);
            return store;
        }
        catch (Exception error) when (error is CryptographicException or AsnContentException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new CommandException($"{what}: {file} cannot be read as PKCS #12 with that password: {error.Message}");
        }
    }

    /// <summary>The same, as a vault that names secrets in these forms.</summary>
    public SecretStore Named(IReadOnlyList<VaultKeyForm> forms)
    {
        _forms = forms;
        return this;
    }

    public ValueTask<string?> FindAsync(string realm, string key, CancellationToken ct = default) =>
        new(_forms.Select(form => _secrets.GetValueOrDefault(VaultKeys.Name(form, realm, key))).FirstOrDefault(secret => secret is not null));

    private void Read(byte[] bytes, string password)
    {
        var store = Pkcs12Info.Decode(bytes, out _, skipCopy: true);
        if (store.IntegrityMode != Pkcs12IntegrityMode.Password || !store.VerifyMac(password))
        {
            throw new CryptographicException("the password is wrong, or the file was changed.");
        }

        foreach (var safe in store.AuthenticatedSafe)
        {
            if (safe.ConfidentialityMode == Pkcs12ConfidentialityMode.Password)
            {
                safe.Decrypt(password);
            }

            foreach (var bag in safe.GetBags().OfType<Pkcs12SecretBag>())
            {
                if (Alias(bag) is { } alias && Text(bag, password) is { } text)
                {
                    _secrets[alias] = text;
                }
            }
        }
    }

    private static string? Alias(Pkcs12SafeBag bag)
    {
        foreach (var attribute in bag.Attributes)
        {
            if (attribute.Oid.Value == FriendlyName && attribute.Values is [var value, ..])
            {
                return new AsnReader(value.RawData, AsnEncodingRules.BER).ReadCharacterString(UniversalTagNumber.BMPString);
            }
        }

        return null;
    }

    private static string? Text(Pkcs12SecretBag bag, string password)
    {
        var encrypted = new AsnReader(bag.SecretValue, AsnEncodingRules.BER).ReadOctetString();
        return Encoding.UTF8.GetString(Pkcs8PrivateKeyInfo.DecryptAndDecode(password, encrypted, out _).PrivateKeyBytes.Span);
    }
}
