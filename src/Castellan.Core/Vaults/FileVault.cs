using System.Text;

namespace Castellan.Core.Vaults;

/// <summary>
/// A folder with a file for each secret, as container platforms mount them. A file is read anew each time: platforms change them under a running program.
/// </summary>
public sealed class FileVault(string folder, IReadOnlyList<VaultKeyForm> forms) : IVault
{
    private const int LargestSecret = 64 * 1024;
    private readonly string _folder = Path.GetFullPath(folder);

    public async ValueTask<string?> FindAsync(string realm, string key, CancellationToken ct = default)
    {
        foreach (var form in forms)
        {
            if (await ReadAsync(VaultKeys.Name(form, realm, key), ct) is { } secret)
            {
                return secret;
            }
        }

        return null;
    }

    // An administrator of a realm chooses the key: it must not lead out of the folder. Mounted secrets are links, so what a link leads to is the operator's affair.
    private async ValueTask<string?> ReadAsync(string name, CancellationToken ct)
    {
        if (name.AsSpan().IndexOfAny('/', '\\', '\0') >= 0 || name.StartsWith('.') || name.Length > 255)
        {
            return null;
        }

        var file = new FileInfo(Path.Combine(_folder, name));
        if (!file.Exists)
        {
            return null;
        }

        try
        {
            await using var stream = file.OpenRead();
            var bytes = new byte[LargestSecret];
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
            return length == bytes.Length ? null : Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\r', '\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
