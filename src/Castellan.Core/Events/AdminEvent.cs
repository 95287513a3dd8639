namespace Castellan.Core.Events;

/// <summary>What an administrator changed. The member names are those of the admin API.</summary>
public sealed class AdminEvent
{
    public string? Id { get; set; }

    /// <summary>Milliseconds since 1970.</summary>
    public long Time { get; set; }

    public string? RealmId { get; set; }

    public required AdminEventAuthor AuthDetails { get; set; }

    /// <summary>CREATE, UPDATE, DELETE or ACTION.</summary>
    public required string OperationType { get; set; }

    /// <summary>USER, CLIENT, REALM_ROLE, …</summary>
    public required string ResourceType { get; set; }

    /// <summary>The path below the realm: <c>users/{id}</c>. Null for the realm itself.</summary>
    public string? ResourcePath { get; set; }

    /// <summary>What was sent, as JSON, without secrets. Kept only when the realm asks for details.</summary>
    public string? Representation { get; set; }

    public string? Error { get; set; }

    public Dictionary<string, string>? Details { get; set; }
}

/// <summary>Who did it. The realm is the administrator's own, by id; the client by its internal id.</summary>
public sealed class AdminEventAuthor
{
    public string? RealmId { get; set; }

    public string? ClientId { get; set; }

    public string? UserId { get; set; }

    public string? IpAddress { get; set; }
}
