using Castellan.Core.Events;
using Castellan.Core.Realms;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Events;

/// <summary>Writes events to the log under Keycloak's category, failures as warnings. Its id is the one that realm files name.</summary>
internal sealed class LoggingListener(ILoggerFactory loggers) : IEventListener
{
    private readonly ILogger _log = loggers.CreateLogger("org.keycloak.events");

    public string Id => "jboss-logging";

    public ValueTask OnEventAsync(Realm realm, LoginEvent happened, CancellationToken ct)
    {
        var level = happened.Error is null ? LogLevel.Debug : LogLevel.Warning;
        if (_log.IsEnabled(level))
        {
            _log.Log(
                level,
                "type=\"{Type}\", realmId=\"{RealmId}\", realmName=\"{RealmName}\", clientId=\"{ClientId}\", userId=\"{UserId}\", sessionId=\"{SessionId}\", ipAddress=\"{IpAddress}\", error=\"{Error}\"{Details}",
                happened.Type, happened.RealmId, realm.Name, happened.ClientId, happened.UserId, happened.SessionId, happened.IpAddress, happened.Error, Details(happened));
        }

        return default;
    }

    public ValueTask OnEventAsync(Realm realm, AdminEvent happened, CancellationToken ct)
    {
        if (_log.IsEnabled(LogLevel.Debug))
        {
            _log.LogDebug(
                "operationType=\"{Operation}\", realmId=\"{RealmId}\", realmName=\"{RealmName}\", userId=\"{UserId}\", ipAddress=\"{IpAddress}\", resourceType=\"{Type}\", resourcePath=\"{Path}\"",
                happened.OperationType, happened.RealmId, realm.Name, happened.AuthDetails.UserId, happened.AuthDetails.IpAddress, happened.ResourceType, happened.ResourcePath);
        }

        return default;
    }

    private static string Details(LoginEvent happened) =>
        happened.Details is { Count: > 0 } details ? string.Concat(details.Select(d => $", {d.Key}=\"{OneLine(d.Value)}\"")) : "";

    /// <summary>What people typed must not be able to forge a line of the log.</summary>
    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Replace('"', '\'');
}
