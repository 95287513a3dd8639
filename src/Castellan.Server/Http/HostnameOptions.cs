namespace Castellan.Server.Http;

/// <summary>By which addresses the server is known, as the options <c>hostname…</c> and <c>http-relative-path</c> say.</summary>
public sealed record HostnameOptions
{
    /// <summary>A plain name, or a whole URL; null takes what the request says.</summary>
    public string? Hostname { get; init; }

    /// <summary>The URL of the administration console, when it is another one.</summary>
    public string? HostnameAdmin { get; init; }

    /// <summary>Whether addresses of the back channel follow the request.</summary>
    public bool BackchannelDynamic { get; init; }

    /// <summary>The path below which everything lies; <c>/</c> for none.</summary>
    public string RelativePath { get; init; } = "/";

    /// <summary>Shows at <c>/realms/{realm}/hostname-debug</c> what is worked out for a request (<c>hostname-debug</c>).</summary>
    public bool Debug { get; init; }
}
