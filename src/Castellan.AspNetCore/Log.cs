using Microsoft.Extensions.Logging;

namespace Castellan.AspNetCore;

/// <summary>All that the package says to the log. Tokens and secrets are never in it.</summary>
internal static partial class Log
{
    [LoggerMessage(7001, LogLevel.Information, "The keys of {Issuer} are here: {Count}")]
    public static partial void KeysFetched(ILogger log, string issuer, int count);

    [LoggerMessage(7002, LogLevel.Error, "The keys of {Issuer} could not be fetched: {Reason}; {Consequence}")]
    public static partial void KeysNotFetched(ILogger log, string issuer, string reason, string consequence);

    [LoggerMessage(7003, LogLevel.Information, "A token was refused: {Reason}")]
    public static partial void TokenRefused(ILogger log, string reason);

    [LoggerMessage(7004, LogLevel.Error, "{Issuer} could not be asked about a token: {Reason}")]
    public static partial void NotIntrospected(ILogger log, string issuer, string reason);
}
