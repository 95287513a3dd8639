namespace Castellan.AspNetCore;

/// <summary>What an API demands of the tokens that it takes. Read once, when the scheme is added.</summary>
public sealed class CastellanOptions
{
    private readonly List<CastellanIssuer> _issuers = [];

    /// <summary>The realms whose tokens are taken.</summary>
    public IReadOnlyList<CastellanIssuer> Issuers => _issuers;

    /// <summary>
    /// Allows plain HTTP to a realm that is not on this machine. Whoever can change the answers on the way can then sign tokens for
    /// the API; leave it off but in a closed network.
    /// </summary>
    public bool AllowHttp { get; set; }

    /// <summary>By how much the clocks of the realm and of the API may differ when <c>exp</c> and <c>nbf</c> are looked at.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// Demands that a token says to be an access token: <c>typ</c> <c>Bearer</c> in its claims, as Castellan and Keycloak write it, or
    /// <c>at+jwt</c> in its header (RFC 9068). What says to be anything else is refused in any case.
    /// </summary>
    public bool RequireTokenType { get; set; } = true;

    /// <summary>How often the keys are fetched again in the background.</summary>
    public TimeSpan KeyRefreshInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many verified tokens are remembered; 0 verifies each one anew.</summary>
    public int CachedTokens { get; set; } = 16_384;

    /// <summary>Asks the realm about every token instead of checking its signature, so that a revoked one is refused at once.</summary>
    public CastellanIntrospection? Introspection { get; set; }

    /// <summary>How requests to the realm are made; for private certificate authorities and proxies.</summary>
    public HttpMessageHandler? BackchannelHandler { get; set; }

    /// <summary>Takes the tokens of this realm that are for one of these audiences.</summary>
    public CastellanOptions AddIssuer(string realmUrl, params string[] audiences)
    {
        _issuers.Add(new CastellanIssuer(realmUrl, audiences));
        return this;
    }

    /// <summary>Takes the tokens of this realm.</summary>
    public CastellanOptions AddIssuer(CastellanIssuer issuer)
    {
        _issuers.Add(issuer);
        return this;
    }
}

/// <summary>A realm whose tokens are taken.</summary>
/// <param name="RealmUrl">Its URL as its tokens have it in <c>iss</c>: <c>https://id.example.com/realms/myrealm</c>.</param>
/// <param name="Audiences">The API's names; a token must have one of them in <c>aud</c>.</param>
public sealed record CastellanIssuer(string RealmUrl, IReadOnlyList<string> Audiences)
{
    /// <summary>
    /// Where the realm is reached from here, when that is another address than the one in <c>iss</c>, as within a cluster. The document
    /// there must name <see cref="RealmUrl"/> as its issuer all the same.
    /// </summary>
    public string? BackchannelUrl { get; init; }
}

/// <summary>How the API asks about tokens (RFC 7662).</summary>
/// <param name="ClientId">The API's own client; it must be in the tokens' <c>aud</c>.</param>
/// <param name="ClientSecret">Its secret.</param>
public sealed record CastellanIntrospection(string ClientId, string ClientSecret)
{
    /// <summary>For how long an answer counts, at most until the token expires. Zero asks every time.</summary>
    public TimeSpan CacheFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override string ToString() => $"{ClientId}:***";
}

/// <summary>The API was configured in a way that cannot work or is not safe. The message says what to change.</summary>
public sealed class CastellanConfigurationException : Exception
{
    /// <summary>With nothing to say.</summary>
    public CastellanConfigurationException()
    {
    }

    /// <summary>Says what to change.</summary>
    public CastellanConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>Says what to change, and what went wrong.</summary>
    public CastellanConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
