using Castellan.Core.Realms.Export;
using Microsoft.Extensions.Logging;

namespace Castellan.Hosting;

/// <summary>What the program says of its own life.</summary>
internal static partial class Log
{
    // People's scripts wait for "started in" and "Listening on".
    [LoggerMessage(1, LogLevel.Information, "Castellan (Keycloak " + RealmExport.KeycloakVersion + ") started in {Seconds}. {Addresses}")]
    public static partial void Started(ILogger log, string seconds, string addresses);

    [LoggerMessage(2, LogLevel.Warning, "Running the server in development mode. DO NOT use this configuration in production.")]
    public static partial void Development(ILogger log);

    [LoggerMessage(3, LogLevel.Information, "Castellan stopped in {Seconds}")]
    public static partial void Stopped(ILogger log, string seconds);

    [LoggerMessage(4, LogLevel.Information, "KC-SERVICES0050: Initializing master realm")]
    public static partial void Initialized(ILogger log);

    [LoggerMessage(5, LogLevel.Information, "KC-SERVICES0077: Created temporary admin user with username {Username}")]
    public static partial void AdministratorMade(ILogger log, string username);

    [LoggerMessage(6, LogLevel.Information, "KC-SERVICES0078: Created temporary admin client with client ID {ClientId}")]
    public static partial void ServiceMade(ILogger log, string clientId);

    // What operators' scripts look for after an import at the start.
    [LoggerMessage(8, LogLevel.Information, "KC-SERVICES0030: Full model import requested. Strategy: IGNORE_EXISTING")]
    public static partial void ImportAsked(ILogger log);

    [LoggerMessage(9, LogLevel.Information, "KC-SERVICES0032: Import finished successfully")]
    public static partial void ImportDone(ILogger log);

    [LoggerMessage(7, LogLevel.Warning, "KC-SERVICES0110: Environment variable '{Old}' is deprecated, use '{New}' instead")]
    public static partial void OldVariable(ILogger log, string old, string @new);
}
