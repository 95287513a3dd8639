using System.Collections.Concurrent;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Clients;

/// <summary>A client in its compiled form: immutable, belonging to one picture of its realm.</summary>
public sealed class Client(Realm realm, ClientData data)
{
    private readonly ConcurrentDictionary<Type, object> _compiled = new();

    public Realm Realm => realm;

    public ClientRepresentation Representation => data.Representation;

    /// <summary>The internal id.</summary>
    public string Id => data.Representation.Id!;

    /// <summary>The <c>client_id</c>. Null only for broken clients of old files.</summary>
    public string ClientId => data.Representation.ClientId ?? "";

    public bool Enabled => data.Representation.Enabled ?? false;

    public bool IsPublic => data.Representation.PublicClient ?? false;

    public bool IsBearerOnly => data.Representation.BearerOnly ?? false;

    /// <summary>Whether its tokens are bound to the certificate of its connection (RFC 8705 §3).</summary>
    public bool BindsToCertificates => this.Flag("tls.client.certificate.bound.access.tokens");

    /// <summary>Whether its tokens are bound to a key that it proves (RFC 9449).</summary>
    public bool BindsToKeys => this.Flag("dpop.bound.access.tokens");

    public bool FullScopeAllowed => data.Representation.FullScopeAllowed ?? false;

    public string Protocol => data.Representation.Protocol ?? "openid-connect";

    /// <summary>Ids of the roles in the client's own scope mappings; what counts when full scope is not allowed.</summary>
    public IReadOnlyList<string> ScopeRoleIds => data.ScopeRoleIds;

    /// <summary>The client scopes that every token request of the client gets.</summary>
    public IReadOnlyList<ClientScope> DefaultScopes { get; } = Resolve(realm, data.Representation.DefaultClientScopes);

    /// <summary>The client scopes that a request may name.</summary>
    public IReadOnlyList<ClientScope> OptionalScopes { get; } = Resolve(realm, data.Representation.OptionalClientScopes);

    /// <summary>A client attribute, or null when absent or empty.</summary>
    public string? Attribute(string name) =>
        data.Representation.Attributes?.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <summary>Whether an attribute says <c>true</c>.</summary>
    public bool Flag(string attribute) => string.Equals(Attribute(attribute), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>A view of the client that some room compiles for itself, made at first use and kept as long as this picture.</summary>
    public T Compiled<T>(Func<Client, T> compile) where T : class =>
        (T)(_compiled.TryGetValue(typeof(T), out var known) ? known : _compiled.GetOrAdd(typeof(T), compile(this)));

    private static List<ClientScope> Resolve(Realm realm, List<string>? names) =>
        [.. (names ?? []).Select(realm.FindScope).OfType<ClientScope>()];
}
