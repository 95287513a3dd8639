using System.Text;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Events;

/// <summary>
/// Writes events to the log under Keycloak's category and in its form, failures as warnings: what watches logs for attacks goes on working. Its id is
/// the one that realm files name.
/// </summary>
internal sealed class LoggingListener(ILoggerFactory loggers, IRealms realms) : IEventListener
{
    private static readonly Action<ILogger, string, Exception?> s_success = LoggerMessage.Define<string>(LogLevel.Debug, new EventId(40), "{Event}");
    private static readonly Action<ILogger, string, Exception?> s_failure = LoggerMessage.Define<string>(LogLevel.Warning, new EventId(41), "{Event}");
    private readonly ILogger _log = loggers.CreateLogger("org.keycloak.events");

    public string Id => "jboss-logging";

    public ValueTask OnEventAsync(Realm realm, LoginEvent happened, CancellationToken ct)
    {
        Write(happened.Error is not null, () => EventLines.Of(realm, happened));
        return default;
    }

    public async ValueTask OnEventAsync(Realm realm, AdminEvent happened, CancellationToken ct)
    {
        if (_log.IsEnabled(happened.Error is null ? LogLevel.Debug : LogLevel.Warning))
        {
            // The realm is the administrator's: the one worked on is not named.
            var of = happened.AuthDetails.RealmId is { } id && id != realm.Id ? await realms.FindByIdAsync(id, ct) : realm;
            Write(happened.Error is not null, () => EventLines.Of(of?.Name, happened));
        }
    }

    private void Write(bool failed, Func<string> line)
    {
        if (_log.IsEnabled(failed ? LogLevel.Warning : LogLevel.Debug))
        {
            (failed ? s_failure : s_success)(_log, line(), null);
        }
    }
}

/// <summary>Events as lines of the log: <c>type="LOGIN_ERROR", realmId="…", …</c>.</summary>
public static class EventLines
{
    /// <summary>What a person or a client did. What is not known is the word <c>null</c>; a session only stands there when there is one.</summary>
    public static string Of(Realm realm, LoginEvent happened)
    {
        var line = new StringBuilder(256);
        Add(line, "type", happened.Type);
        Add(line, "realmId", happened.RealmId);
        Add(line, "realmName", realm.Name);
        Add(line, "clientId", happened.ClientId);
        Add(line, "userId", happened.UserId);
        if (happened.SessionId is { } session)
        {
            Add(line, "sessionId", session);
        }

        Add(line, "ipAddress", happened.IpAddress);
        if (happened.Error is { } error)
        {
            Add(line, "error", error);
        }

        foreach (var (name, value) in happened.Details ?? [])
        {
            Add(line, name, value);
        }

        return line.ToString();
    }

    /// <summary>What an administrator did.</summary>
    public static string Of(string? realmName, AdminEvent happened)
    {
        var line = new StringBuilder(256);
        var by = happened.AuthDetails;
        Add(line, "operationType", happened.OperationType);
        Add(line, "realmId", by.RealmId);
        Add(line, "realmName", realmName);
        Add(line, "clientId", by.ClientId);
        Add(line, "userId", by.UserId);
        Add(line, "ipAddress", by.IpAddress);
        Add(line, "resourceType", happened.ResourceType);
        Add(line, "resourcePath", happened.ResourcePath);
        if (happened.Error is { } error)
        {
            Add(line, "error", error);
        }

        return line.ToString();
    }

    /// <summary>What people typed must not be able to forge a line or a field of the log.</summary>
    private static void Add(StringBuilder line, string name, string? value)
    {
        line.Append(line.Length > 0 ? ", " : "").Append(name).Append("=\"");
        foreach (var c in value ?? "null")
        {
            line.Append(char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c == '"' ? '\'' : c);
        }

        line.Append('"');
    }
}
