using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.Core.Brokering;

/// <summary>Who an identity provider says that somebody is, checked. It waits with the sign-in until an account is found or made for it.</summary>
public sealed class BrokeredIdentity
{
    /// <summary>The provider's alias.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's own, unchanging name of the account; what links are found by.</summary>
    public required string Id { get; set; }

    /// <summary>The account's name at the provider, as people know it.</summary>
    public required string Username { get; set; }

    /// <summary>The user name that a new person would get here.</summary>
    public string? LocalUsername { get; set; }

    /// <summary>The name was to be made of something that the provider did not say: the person is asked for another.</summary>
    public bool NameIsIncomplete { get; set; }

    public string? Email { get; set; }

    /// <summary>Whether the provider says that the address is the person's; null when it says nothing of that.</summary>
    public bool? EmailVerified { get; set; }

    public string? FirstName { get; set; }

    public string? LastName { get; set; }

    /// <summary>Further attributes of a new person, from mappers or from the page that asks for them.</summary>
    public Dictionary<string, List<string>> Attributes { get; set; } = [];

    /// <summary>What mappers leave for the session.</summary>
    public Dictionary<string, string> SessionNotes { get; set; } = [];

    /// <summary>What the provider said, in the order in which claims are looked for: access token, ID token, user info.</summary>
    public List<JsonElement> Claims { get; init; } = [];

    /// <summary>What a provider that speaks SAML said: the attributes of its assertion.</summary>
    public List<SaidAttribute> Said { get; init; } = [];

    /// <summary>The name in the assertion's subject.</summary>
    public string? NameId { get; init; }

    /// <summary>The answer of the token endpoint, where the provider's tokens are kept.</summary>
    public string? TokenResponse { get; set; }

    /// <summary>The ID token, to end the provider's session by.</summary>
    public string? IdToken { get; set; }

    /// <summary>The provider's other tokens, by the names of the notes under which a session keeps them.</summary>
    public Dictionary<string, string> Tokens { get; set; } = [];

    /// <summary>The second at which the person proved themselves there, where that counts here.</summary>
    public long? ProvedAt { get; set; }

    /// <summary>The provider's session, with the alias before it.</summary>
    public string? SessionId { get; set; }

    /// <summary>The account across providers: alias and id.</summary>
    [JsonIgnore]
    public string AccountKey => $"{Provider}.{Id}";

    public static BrokeredIdentity? Read(string? json) => json is null ? null : JsonSerializer.Deserialize(json, BrokeringJson.Default.BrokeredIdentity);

    public string Write() => JsonSerializer.Serialize(this, BrokeringJson.Default.BrokeredIdentity);
}

/// <summary>An attribute of an assertion.</summary>
public sealed record SaidAttribute(string? Name, string? FriendlyName, List<string> Values);

/// <summary>What a sign-in remembers of a request that it sent to a provider.</summary>
/// <param name="CodeHash">The hash of the random part of <c>state</c>.</param>
/// <param name="Nonce">What the answer must be to: the nonce of the ID token, OAuth 1.0's request token, or the id of a request by SAML.</param>
/// <param name="Verifier">What shows that the exchange is ours: PKCE's verifier, or the secret of the request token.</param>
/// <param name="Action">Whether a signed-in person asked to link the account, rather than to sign in.</param>
/// <param name="MaxAge">How many seconds ago the person may have proved themselves there, where the request says so.</param>
public sealed record SentRequest(string Provider, string CodeHash, string? Nonce, string? Verifier, bool Action, int? MaxAge = null)
{
    /// <summary>No request at all: an answer to it must be to none.</summary>
    public static SentRequest Unasked(IdentityProvider provider) => new(provider.Alias, "", null, null, Action: false);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BrokeredIdentity))]
[JsonSerializable(typeof(SentRequest))]
[JsonSerializable(typeof(List<ClaimValue>))]
public sealed partial class BrokeringJson : JsonSerializerContext;

/// <summary>A claim and the value that it must have, as settings of mappers list them.</summary>
public sealed record ClaimValue([property: JsonPropertyName("key")] string? Key, [property: JsonPropertyName("value")] string? Value);
