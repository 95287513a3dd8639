using System.Buffers;
using System.IO.Pipelines;
using Castellan.Protocol.Messages;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Http;

/// <summary>Reads the form of a request by hand: no streams, no dictionaries, and a bound before anything is kept.</summary>
public static class RequestForm
{
    /// <summary>More than this no OAuth request has.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>A field of more than this is refused with 413, as Keycloak does.</summary>
    private const int MaxField = 128 * 1024;

    /// <summary>The form; empty when the body is of another type, null when it is too long or no form.</summary>
    public static ValueTask<Form?> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength > MaxLength)
        {
            return new((Form?)null);
        }

        if (http.Request.ContentType is not { } type || !type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            return new(Form.Empty);
        }

        var reader = http.Request.BodyReader;
        return reader.TryRead(out var read) && (read.IsCompleted || read.Buffer.Length == http.Request.ContentLength) ? new(Take(reader, read)) : ReadOnAsync(http, reader, read);
    }

    /// <summary>The parameters of the query.</summary>
    public static Form Query(HttpContext http) =>
        http.Request.QueryString.Value is { Length: > 1 and <= MaxLength } query ? Form.Parse(System.Text.Encoding.UTF8.GetBytes(query[1..])) ?? Form.Empty : Form.Empty;

    private static async ValueTask<Form?> ReadOnAsync(HttpContext http, PipeReader reader, ReadResult read)
    {
        if (!read.Buffer.IsEmpty)
        {
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        while (true)
        {
            read = await reader.ReadAsync(http.RequestAborted);
            if (read.IsCompleted)
            {
                return Take(reader, read);
            }

            if (read.Buffer.Length > MaxLength)
            {
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static Form? Take(PipeReader reader, ReadResult read)
    {
        var buffer = read.Buffer;
        Form? form;
        if (buffer.Length > MaxLength)
        {
            form = null;
        }
        else if (buffer.IsSingleSegment)
        {
            form = Form.Parse(buffer.FirstSpan);
        }
        else
        {
            var rented = ArrayPool<byte>.Shared.Rent((int)buffer.Length);
            buffer.CopyTo(rented);
            form = Form.Parse(rented.AsSpan(0, (int)buffer.Length));
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        var mayHaveLongField = buffer.Length > MaxField;
        reader.AdvanceTo(buffer.End);
        return mayHaveLongField && form is not null && form.Fields.Any(f => f.Value.Length > MaxField)
            ? throw new BadHttpRequestException("A field of the form is too long.", StatusCodes.Status413PayloadTooLarge)
            : form;
    }
}
