namespace Castellan.Core.Tokens;

/// <summary>Which tokens to write.</summary>
[Flags]
public enum TokenKinds
{
    None = 0, Access = 1, Id = 2, Refresh = 4,
}

/// <summary>Tokens, in ASCII, with what the token response says of them (RFC 6749 §5.1).</summary>
public sealed record IssuedTokens
{
    public byte[]? AccessToken { get; init; }

    public string? TokenType { get; init; } = "Bearer";

    public long ExpiresIn { get; init; }

    public byte[]? RefreshToken { get; init; }

    public long RefreshExpiresIn { get; init; }

    public byte[]? IdToken { get; init; }

    public long NotBeforePolicy { get; init; }

    public string? SessionState { get; init; }

    /// <summary>The scope as tokens show it: names of scopes with <c>include.in.token.scope=false</c> left out.</summary>
    public string Scope { get; init; } = "";

    public string? IssuedTokenType { get; init; }

    /// <summary>Whether a requesting party token holds what an earlier one did; null for any other token.</summary>
    public bool? Upgraded { get; init; }

    /// <summary>The <c>jti</c> of each, for events.</summary>
    public string? AccessTokenId { get; init; }

    public string? RefreshTokenId { get; init; }

    /// <summary>The audience of the access token.</summary>
    public IReadOnlyList<string> Audience { get; init; } = [];

    /// <summary>Further members of the response, by mappers with <c>access.tokenResponse.claim</c>: name and JSON text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Further { get; init; } = [];
}
