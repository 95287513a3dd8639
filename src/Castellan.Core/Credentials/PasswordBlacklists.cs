using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Castellan.Core.Credentials;

/// <summary>
/// Lists of passwords that nobody may choose: text files in one folder, a password a line (case does not count), or SHA-1 hashes as the lists
/// of breached passwords have them (<c>HASH:count</c>). A list costs eight bytes a line in memory, and is read again when its file changes.
/// </summary>
public sealed class PasswordBlacklists(string folder)
{
    private static readonly System.Buffers.SearchValues<char> s_hex = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");

    private readonly ConcurrentDictionary<string, Blacklist> _lists = new(StringComparer.Ordinal);

    /// <summary>Why a name names no list; null when it does.</summary>
    public string? Problem(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "Must specify a password blacklist"
        : Find(name) is null ? $"Password blacklist {name} not found in {folder}" : null;

    /// <summary>Whether the list has the password. A list whose file is gone refuses nothing; the realm's administrator was told when setting it.</summary>
    public bool Contains(string? name, string password)
    {
        if (name is null || Find(name) is not { } file)
        {
            return false;
        }

        var list = _lists.GetValueOrDefault(name);
        if (list is null || list.Written != file.LastWriteTimeUtc || list.Size != file.Length)
        {
            _lists[name] = list = new Blacklist(file.LastWriteTimeUtc, file.Length, Load(file));
        }

        return list.Hashes.AsSpan().BinarySearch(Hash(password)) >= 0 || list.Hashes.AsSpan().BinarySearch(Hash(password.ToLowerInvariant())) >= 0;
    }

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
        var hashes = new List<ulong>();
        using var reader = file.OpenText();
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
