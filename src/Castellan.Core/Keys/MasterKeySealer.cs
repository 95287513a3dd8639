using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Castellan.Core.Representations;

namespace Castellan.Core.Keys;

/// <summary>Seals with AES-256-GCM under a master key. Further keys only open: that is how the master key is changed.</summary>
public sealed class MasterKeySealer : ISealer
{
    private const string Prefix = "sealed:";
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private readonly string _current;
    private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);

    /// <param name="keys">Keys of 32 bytes each, the one that seals first.</param>
    public MasterKeySealer(params IReadOnlyList<byte[]> keys)
    {
        foreach (var key in keys)
        {
            if (key.Length != 32)
            {
                throw new ArgumentException("A master key has 32 bytes.", nameof(keys));
            }

            _keys[NameOf(key)] = key;
        }

        _current = NameOf(keys[0]);
    }

    public string Seal(string text, string context)
    {
        if (text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return text;
        }

        var plain = Encoding.UTF8.GetBytes(text);
        var sealedBytes = new byte[NonceLength + plain.Length + TagLength];
        var nonce = sealedBytes.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_keys[_current], TagLength);
        aes.Encrypt(nonce, plain, sealedBytes.AsSpan(NonceLength, plain.Length), sealedBytes.AsSpan(NonceLength + plain.Length), Encoding.UTF8.GetBytes(context));
        CryptographicOperations.ZeroMemory(plain);
        return $"{Prefix}{_current}:{Base64Url.EncodeToString(sealedBytes)}";
    }

    public string Open(string text, string context)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return text;
        }

        var colon = text.IndexOf(':', Prefix.Length);
        if (colon < 0 || !_keys.TryGetValue(text[Prefix.Length..colon], out var key))
        {
            throw new CryptographicException("A secret in the database was sealed with another master key. Start with the key that it was sealed with.");
        }

        var bytes = Base64Url.DecodeFromChars(text.AsSpan(colon + 1));
        var plain = new byte[bytes.Length - NonceLength - TagLength];
        using var aes = new AesGcm(key, TagLength);
        aes.Decrypt(bytes.AsSpan(0, NonceLength), bytes.AsSpan(NonceLength, plain.Length), bytes.AsSpan(NonceLength + plain.Length), plain, Encoding.UTF8.GetBytes(context));
        return Encoding.UTF8.GetString(plain);
    }

    /// <summary>
    /// The master key of an installation: the text (base64 of 32 bytes) when one is configured, otherwise the file, which is made when it is missing
    /// and then readable by its owner alone.
    /// </summary>
    public static MasterKeySealer Load(string? text, string file)
    {
        if (text is { Length: > 0 })
        {
            return new(text.Split(',', StringSplitOptions.TrimEntries).Select(Decode).ToArray());
        }

        if (File.Exists(file))
        {
            return new(File.ReadAllLines(file).Where(l => l.Trim().Length > 0).Select(l => Decode(l.Trim())).ToArray());
        }

        var key = RandomNumberGenerator.GetBytes(32);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(file, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
            stream.Flush(flushToDisk: true);
        }

        return new(key);
    }

    private static byte[] Decode(string text)
    {
        var bytes = new byte[32];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == 32
            ? bytes
            : throw new ArgumentException("A master key is the base64 form of 32 bytes.");
    }

    private static string NameOf(byte[] key) => Base64Url.EncodeToString(SHA256.HashData(key).AsSpan(0, 6));
}

/// <summary>Which members of a component are secrets, and their sealing on the way to and from the database.</summary>
public static class SealedComponents
{
    private static readonly HashSet<string> s_secrets = new(StringComparer.Ordinal)
    {
        "privateKey", "ecdsaPrivateKey", "ecdhPrivateKey", "eddsaPrivateKey", "secret", "keystorePassword", "keyPassword", "bindCredential",
    };

    /// <summary>A copy with its secrets sealed; the component itself stays as it is.</summary>
    public static ComponentRepresentation Seal(ISealer sealer, ComponentRepresentation component) => Map(component, sealer.Seal);

    /// <summary>A copy with its secrets in clear.</summary>
    public static ComponentRepresentation Open(ISealer sealer, ComponentRepresentation component) => Map(component, sealer.Open);

    private static ComponentRepresentation Map(ComponentRepresentation component, Func<string, string, string> change)
    {
        if (component.Config is null || !component.Config.Keys.Any(s_secrets.Contains))
        {
            return component;
        }

        var config = new Dictionary<string, List<string>>(component.Config.Count, StringComparer.Ordinal);
        foreach (var (name, values) in component.Config)
        {
            config[name] = s_secrets.Contains(name) ? [.. values.Select(v => v is null ? v! : change(v, $"{component.Id}/{name}"))] : values;
        }

        return new()
        {
            Id = component.Id, Name = component.Name, ProviderId = component.ProviderId, ProviderType = component.ProviderType,
            ParentId = component.ParentId, SubType = component.SubType, Config = config,
        };
    }
}
