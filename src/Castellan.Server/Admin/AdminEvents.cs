using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Castellan.Core.Events;
using Castellan.Protocol.Messages;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Admin;

/// <summary>Tells what an administrator changed. Each route that writes calls it once for each thing written, after the write.</summary>
public static class AdminEvents
{
    private static readonly JsonWriterOptions s_plain = new() { Encoder = PlainJson.Encoder };

    /// <param name="operation">CREATE, UPDATE, DELETE or ACTION.</param>
    /// <param name="resourceType">CLIENT, REALM_ROLE, …</param>
    /// <param name="path">The path below the realm; null for the realm itself.</param>
    /// <param name="representation">JSON, without secrets.</param>
    /// <param name="details">What the path and the representation do not say.</param>
    public static async ValueTask RecordAsync(this AdminContext context, string operation, string resourceType, string? path, string? representation = null,
        Dictionary<string, string>? details = null)
    {
        if (context.Http.RequestServices.GetService<IEvents>() is not { } events)
        {
            return;
        }

        // The picture after the write: a change of the settings for events counts from here on.
        var realm = await context.Realms.FindByIdAsync(context.Realm.Id, context.Aborted) ?? context.Realm;
        await events.RecordAsync(
            realm,
            new AdminEvent
            {
                OperationType = operation,
                ResourceType = resourceType,
                ResourcePath = path,
                Representation = representation,
                Details = details,
                AuthDetails = new AdminEventAuthor
                {
                    RealmId = context.Caller.Realm.Id,
                    ClientId = context.Caller.Client.Id,
                    UserId = context.Caller.User.Id,
                    IpAddress = context.Http.Connection.RemoteIpAddress is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString() : null,
                },
            },
            context.Aborted);
    }

    public static ValueTask RecordAsync<T>(this AdminContext context, string operation, string resourceType, string? path, T representation, JsonTypeInfo<T> type) =>
        context.RecordAsync(operation, resourceType, path, Text(representation, type));

    /// <summary>A representation as the text that events keep.</summary>
    public static string Text<T>(T representation, JsonTypeInfo<T> type)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, s_plain))
        {
            JsonSerializer.Serialize(writer, representation, type);
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
