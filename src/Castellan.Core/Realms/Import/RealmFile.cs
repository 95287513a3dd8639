using System.Globalization;
using System.Text;
using System.Text.Json;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Realms.Import;

/// <summary>
/// A realm in a file: everything but its people as one representation, the people to be read one by one, so that a file with very many does
/// not have to stand in memory as objects.
/// </summary>
public sealed class RealmFile
{
    private const string NullElement = "a list holds null";

    private readonly ReadOnlyMemory<byte> _users;

    private RealmFile(RealmRepresentation realm, ReadOnlyMemory<byte> users) => (Realm, _users) = (realm, users);

    /// <summary>What this file is called, where a refusal has to say so because it is not the realm's own file; set before its people are read.</summary>
    public string? Name { get; set; }

    /// <summary>The realm; its <see cref="RealmRepresentation.Users"/> is null.</summary>
    public RealmRepresentation Realm { get; }

    /// <summary>The text as UTF-8 without a byte order mark, which editors of some systems write; a mark of UTF-16 is believed too (RFC 8259 §8.1 lets a reader do so).</summary>
    public static byte[] Decode(byte[] text) => text switch
    {
        [0xEF, 0xBB, 0xBF, ..] => text[3..],
        [0xFF, 0xFE, ..] => Encoding.UTF8.GetBytes(Encoding.Unicode.GetString(text, 2, text.Length - 2)),
        [0xFE, 0xFF, ..] => Encoding.UTF8.GetBytes(Encoding.BigEndianUnicode.GetString(text, 2, text.Length - 2)),
        _ => text,
    };

    /// <summary>The realms of a file: one object, or a list of them.</summary>
    public static Result<List<RealmFile>> ReadAll(ReadOnlyMemory<byte> json)
    {
        var files = new List<RealmFile>();
        var isList = false;
        try
        {
            if (json.Span.Trim(" \t\r\n"u8).IsEmpty)
            {
                return Refusals.NotRead("The file is empty.");
            }

            var reader = new Utf8JsonReader(json.Span);
            reader.Read();

            if (isList = reader.TokenType == JsonTokenType.StartArray)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    files.Add(Read(json, ref reader));
                }
            }
            else
            {
                files.Add(Read(json, ref reader));
            }

            return files;
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            return Refusals.NotRead(error, isList ? files.Count : null);
        }
    }

    /// <summary>Exactly one realm, as the admin API takes it. What follows the object is not looked at.</summary>
    public static Result<RealmRepresentation> ReadOne(ReadOnlySpan<byte> json)
    {
        try
        {
            if (NullsInLists.Find(json) is { } place)
            {
                return Refusals.NotRead($"{place}: {NullElement}");
            }

            var reader = new Utf8JsonReader(json);
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject
                && JsonSerializer.Deserialize(ref reader, AdminJson.Default.RealmRepresentation) is { } realm
                    ? realm
                    : Refusals.NotRead("A realm is a JSON object.");
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            return Refusals.NotRead(error);
        }
    }

    /// <summary>The people in a file of the folder form, <c>NAME-users-N.json</c>.</summary>
    public static Result<RealmFile> ReadUsers(ReadOnlyMemory<byte> json) =>
        ReadAll(json).Ok(out var files, out var error) ? files is [var one] ? one : Refusals.NotRead("One object is expected.") : error;

    /// <summary>The people, read one by one.</summary>
    /// <exception cref="JsonException">One cannot be read; the path says which.</exception>
    public IEnumerable<FilePerson> Users()
    {
        var (at, index) = (0, 0);
        while (Next(ref at, out var start, out var length))
        {
            yield return ReadUser(_users.Span.Slice(start, length), index++);
        }
    }

    private FilePerson ReadUser(ReadOnlySpan<byte> json, int index)
    {
        try
        {
            CheckNulls(json);
            return new(JsonSerializer.Deserialize(json, AdminJson.Default.UserRepresentation) ?? throw new JsonException("A user is null."), index, Name);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw new JsonException(
                error.Message, FilePerson.PlaceOf(index.ToString(CultureInfo.InvariantCulture), Name) + (error as JsonException)?.Path?.TrimStart('$'), null, null, error);
        }
    }

    /// <summary>The client ids whose service accounts are among the people.</summary>
    /// <exception cref="JsonException">They cannot be read.</exception>
    public HashSet<string> ServiceAccounts()
    {
        try
        {
            return _users.Span.IndexOf("\"serviceAccountClientId\""u8) < 0 ? [] : ReadServiceAccounts();
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw new JsonException(error.Message, Name is null ? "users" : $"{Name}: users", null, null, error);
        }
    }

    // The reader of JSON says of text that is no UTF-8, or escapes half of a pair, that its state is invalid.
    private static bool IsUnreadable(Exception error) => error is JsonException or InvalidOperationException;

    private HashSet<string> ReadServiceAccounts()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(_users.Span);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 2 && reader.ValueTextEquals("serviceAccountClientId"u8)
                && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                found.Add(reader.GetString()!);
            }
        }

        return found;
    }

    /// <summary>Whether the people of a realm, which may be in many small files, are so many that they should be written in parts.</summary>
    public static bool AreMany(IEnumerable<RealmFile> files) => files.Sum(f => (long)f._users.Length) > 4 * 1024 * 1024;

    // Finds where the next element of the list begins and how long it is.
    private bool Next(ref int at, out int start, out int length)
    {
        (start, length) = (0, 0);
        if (_users.IsEmpty)
        {
            return false;
        }

        var span = _users.Span;
        while (at < span.Length && span[at] is (byte)'[' or (byte)',' or (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
        {
            at++;
        }

        if (at >= span.Length || span[at] == ']')
        {
            return false;
        }

        var reader = new Utf8JsonReader(span[at..], isFinalBlock: false, default);
        if (!reader.Read() || !reader.TrySkip())
        {
            throw new JsonException("The list of users does not end.");
        }

        (start, length) = (at, (int)reader.BytesConsumed);
        at += length;
        return true;
    }

    // Reads one realm at the reader's object, leaving out the list of its people.
    private static RealmFile Read(ReadOnlyMemory<byte> json, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("A realm is a JSON object.");
        }

        var start = (int)reader.TokenStartIndex;
        var users = ReadOnlyMemory<byte>.Empty;
        var scan = reader;
        while (scan.Read() && scan.TokenType != JsonTokenType.EndObject)
        {
            var isUsers = scan.ValueTextEquals("users"u8);
            scan.Read();
            var from = (int)scan.TokenStartIndex;
            var isList = scan.TokenType == JsonTokenType.StartArray;
            scan.Skip();
            if (isUsers && isList)
            {
                users = json[from..(int)scan.BytesConsumed];
            }
        }

        var end = (int)scan.BytesConsumed;
        var rest = users.IsEmpty ? json.Span[start..end] : WithoutUsers(json, start, end, users);
        CheckNulls(rest);
        var realm = JsonSerializer.Deserialize(rest, AdminJson.Default.RealmRepresentation);
        reader = scan;
        realm!.Users = null;
        return new(realm, users);
    }

    private static void CheckNulls(ReadOnlySpan<byte> json)
    {
        if (NullsInLists.Find(json) is { } place)
        {
            throw new JsonException(NullElement, "$." + place, null, null);
        }
    }

    private static byte[] WithoutUsers(ReadOnlyMemory<byte> json, int start, int end, ReadOnlyMemory<byte> users)
    {
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(json, out var whole);
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(users, out var part);
        var from = part.Offset - whole.Offset;
        return [.. json.Span[start..from], .. "null"u8, .. json.Span[(from + users.Length)..end]];
    }
}

/// <summary>One of the people of a file, and where in which file it stands.</summary>
/// <param name="Index">The place in the list.</param>
/// <param name="File">What the file is called, if a refusal has to say so.</param>
public readonly record struct FilePerson(UserRepresentation User, int Index, string? File = null)
{
    /// <summary>Those of a representation that was read whole.</summary>
    public static IEnumerable<FilePerson> Of(List<UserRepresentation>? users) => (users ?? []).Select((user, index) => new FilePerson(user, index));

    /// <summary>For people to read: by name where there is one.</summary>
    public string Place => PlaceOf(string.IsNullOrEmpty(User.Username) ? Index.ToString(CultureInfo.InvariantCulture) : User.Username, File);

    internal static string PlaceOf(string which, string? file) => file is null ? $"users[{which}]" : $"{file}: users[{which}]";
}
