namespace Castellan.Core.Events;

/// <summary>What a person or client did, or failed to do. The member names are those of the admin API.</summary>
public sealed class LoginEvent
{
    public string? Id { get; set; }

    /// <summary>Milliseconds since 1970.</summary>
    public long Time { get; set; }

    /// <summary>One of <see cref="EventTypes"/>; a failure ends in <c>_ERROR</c>.</summary>
    public required string Type { get; set; }

    public string? RealmId { get; set; }

    /// <summary>The <c>client_id</c>.</summary>
    public string? ClientId { get; set; }

    public string? UserId { get; set; }

    public string? SessionId { get; set; }

    public string? IpAddress { get; set; }

    /// <summary>Why it failed: <c>invalid_user_credentials</c>, <c>user_not_found</c>, …</summary>
    public string? Error { get; set; }

    public Dictionary<string, string>? Details { get; set; }

    /// <summary>Adds a detail; null leaves it out.</summary>
    public LoginEvent With(string detail, string? value)
    {
        if (value is not null)
        {
            (Details ??= new(capacity: 10, StringComparer.Ordinal))[detail] = value;
        }

        return this;
    }

    /// <summary>What happened beside it: another event of the same client at the same address, with the same details.</summary>
    public LoginEvent Beside(string type, string? userId) => new()
    {
        Type = type, ClientId = ClientId, UserId = userId, IpAddress = IpAddress, Details = Details is null ? null : new(Details, StringComparer.Ordinal),
    };

    /// <summary>The same act, failed for what the realm's client policies demand.</summary>
    public LoginEvent FailedByPolicy(string error, string? detail) =>
        With("reason", "client_policy_error").With("client_policy_error", error).With("client_policy_error_detail", detail).Failed(error);

    /// <summary>The same act, failed.</summary>
    public LoginEvent Failed(string error)
    {
        Type = Type.EndsWith("_ERROR", StringComparison.Ordinal) ? Type : Type + "_ERROR";
        Error = error;
        return this;
    }
}
