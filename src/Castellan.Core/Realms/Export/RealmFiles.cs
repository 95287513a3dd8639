using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Castellan.Core.Representations;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Realms.Export;

/// <summary>Where the people of a realm go in an export.</summary>
public enum UserFiles
{
    Skip,
    RealmFile,
    SameFile,
    DifferentFiles,
}

/// <summary>Writes realms as files: one file with everything, or a folder of <c>NAME-realm.json</c> and <c>NAME-users-N.json</c>.</summary>
public sealed class RealmFiles(RealmExport export)
{
    private const int FlushAt = 64 * 1024;
    private static readonly JsonWriterOptions s_writing = new() { Encoder = PlainJson.Encoder, SkipValidation = true };

    /// <summary>One realm with its people in one document. <paramref name="progress"/> hears how many people are written.</summary>
    public async Task WriteAsync(Realm realm, Stream output, bool people, Action<int>? progress = null, CancellationToken ct = default)
    {
        var pretty = new PrettyJson(output);
        pretty.Write(await RealmTextAsync(realm, people, pretty, progress, ct));
    }

    /// <summary>One realm into a folder.</summary>
    public async Task WriteFolderAsync(Realm realm, string folder, UserFiles people, int usersPerFile, Action<int>? progress = null, CancellationToken ct = default)
    {
        Directory.CreateDirectory(folder);
        await using (var output = Create(Path.Combine(folder, $"{realm.Name}-realm.json")))
        {
            await WriteAsync(realm, output, people == UserFiles.RealmFile, progress, ct);
        }

        if (people is UserFiles.SameFile or UserFiles.DifferentFiles)
        {
            await WriteUserFilesAsync(realm, folder, people == UserFiles.SameFile ? int.MaxValue : usersPerFile, progress, ct);
        }
    }

    private static BufferedStream Create(string path) => new(File.Create(path), FlushAt);

    private async Task WriteUserFilesAsync(Realm realm, string folder, int perFile, Action<int>? progress, CancellationToken ct)
    {
        var (file, inFile, written) = (0, 0, 0);
        BufferedStream? output = null;
        PrettyJson pretty = null!;
        try
        {
            await foreach (var user in export.UsersAsync(realm, ct))
            {
                if (output is null)
                {
                    output = Create(Path.Combine(folder, $"{realm.Name}-users-{(file++).ToString(CultureInfo.InvariantCulture)}.json"));
                    pretty = new(output);
                    pretty.Write(Start(realm.Name));
                }

                pretty.Write(inFile == 0 ? default : ","u8);
                pretty.Write(Text(user));
                progress?.Invoke(++written);
                if (++inFile == perFile)
                {
                    pretty.Write("]}"u8);
                    await output.DisposeAsync();
                    (output, inFile) = (null, 0);
                }
            }

            if (output is not null)
            {
                pretty.Write("]}"u8);
            }
        }
        finally
        {
            if (output is not null)
            {
                await output.DisposeAsync();
            }
        }
    }

    // People come in the middle of a realm's fields; all before them is written on the way, and what comes after is returned.
    private async Task<byte[]> RealmTextAsync(Realm realm, bool people, PrettyJson pretty, Action<int>? progress, CancellationToken ct)
    {
        var r = await export.ConfigurationAsync(realm, new(), ct);
        if (!people)
        {
            return Serialize(r);
        }

        var marker = Ids.New();
        r.Users = [new() { Id = marker }];
        var text = Serialize(r);
        var placeholder = System.Text.Encoding.UTF8.GetBytes($"{{\"id\":\"{marker}\"}}");
        var mark = text.AsSpan().IndexOf(placeholder);
        pretty.Write(text.AsSpan(0, mark));
        var written = 0;
        await foreach (var user in export.UsersAsync(realm, ct))
        {
            pretty.Write(written++ == 0 ? default : ","u8);
            pretty.Write(Text(user));
            progress?.Invoke(written);
        }

        return text[(mark + placeholder.Length)..];
    }

    private static byte[] Start(string realm)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, s_writing);
        writer.WriteStartObject();
        writer.WriteString("realm", realm);
        writer.WriteStartArray("users");
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Serialize(RealmRepresentation realm)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, s_writing);
        JsonSerializer.Serialize(writer, realm, AdminJson.Default.RealmRepresentation);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Text(UserRepresentation user)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, s_writing);
        JsonSerializer.Serialize(writer, user, AdminJson.Default.UserRepresentation);
        return buffer.WrittenSpan.ToArray();
    }
}
