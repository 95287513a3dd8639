using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Castellan.Core.Credentials;

/// <summary>
/// Lists of passwords that nobody may choose: text files in one folder, a password a line (case does not count), or SHA-1 hashes as the lists
/// of breached passwords have them (<c>HASH:count</c>). A list costs eight bytes a line in memory, and is read again when its file changes. One list is
/// built into the server (<c>ui/passwords</c>): <see cref="Common"/>, unless the folder has a file of that name.
/// </summary>
public sealed class PasswordBlacklists(string folder)
{
    private static readonly System.Buffers.SearchValues<char> s_hex = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The name of the list that is built in: some fifty thousand of the passwords that people choose most.</summary>
    public const string Common = "common-passwords.txt";

    private static readonly Lazy<ulong[]> s_common = new(static () =>
    {
        using var packed = typeof(PasswordBlacklists).Assembly.GetManifestResourceStream(Common + ".gz")!;
        using var plain = new GZipStream(packed, CompressionMode.Decompress);
        using var reader = new StreamReader(plain);
        return Load(reader);
    });

    private readonly ConcurrentDictionary<string, Blacklist> _lists = new(StringComparer.Ordinal);

    /// <summary>Why a name names no list; null when it does.</summary>
    public string? Problem(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "Must specify a password blacklist"
        : Find(name) is null && name != Common ? $"Password blacklist {name} not found in {folder}" : null;

    /// <summary>Whether the list has the password. A list whose file is gone refuses nothing; the realm's administrator was told when setting it.</summary>
    public bool Contains(string? name, string password)
    {
        if (name is null || Find(name) is not { } file)
        {
            return name == Common && Has(s_common.Value, password);
        }

        var list = _lists.GetValueOrDefault(name);
        if (list is null || list.Written != file.LastWriteTimeUtc || list.Size != file.Length)
        {
            _lists[name] = list = new Blacklist(file.LastWriteTimeUtc, file.Length, Load(file));
        }

        return Has(list.Hashes, password);
    }

    private static bool Has(ulong[] hashes, string password) =>
        Array.BinarySearch(hashes, Hash(password)) >= 0 || Array.BinarySearch(hashes, Hash(password.ToLowerInvariant())) >= 0;

    private FileInfo? Find(string name)
    {
        // The name comes from an administrator of a realm, who has no business in other folders.
        if (name != Path.GetFileName(name) || name is "." or "..")
        {
            return null;
        }

        var file = new FileInfo(Path.Combine(folder, name));
        return file.Exists ? file : null;
    }

    private static ulong[] Load(FileInfo file)
    {
        using var reader = file.OpenText();
        return Load(reader);
    }

    private static ulong[] Load(StreamReader reader)
    {
        var hashes = new List<ulong>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                hashes.Add(IsHash(line) ? BinaryPrimitives.ReadUInt64BigEndian(Convert.FromHexString(line.AsSpan(0, 16))) : Hash(line.ToLowerInvariant()));
            }
        }

        var sorted = hashes.ToArray();
        Array.Sort(sorted);
        return sorted;
    }

    private static bool IsHash(string line) =>
        line.Length >= 40 && (line.Length == 40 || line[40] == ':') && !line.AsSpan(0, 40).ContainsAnyExcept(s_hex);

#pragma warning disable CA5350 // the form of published lists; nothing is protected by it
    private static ulong Hash(string password) => BinaryPrimitives.ReadUInt64BigEndian(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
#pragma warning restore CA5350

    private sealed record Blacklist(DateTime Written, long Size, ulong[] Hashes);
}
