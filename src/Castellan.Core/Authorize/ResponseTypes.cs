namespace Castellan.Core.Authorize;

/// <summary>Response types and modes in their words (OAuth 2.0 Multiple Response Types, Form Post, JARM).</summary>
public static class ResponseTypes
{
    /// <summary>The type that a word list stands for; unknown words are a negative number, which no flag set is.</summary>
    public static ResponseType Parse(string? words)
    {
        var type = ResponseType.None;
        foreach (var word in words?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            type |= word switch
            {
                "code" => ResponseType.Code,
                "token" => ResponseType.Token,
                "id_token" => ResponseType.IdToken,
                "none" => ResponseType.None,
                _ => (ResponseType)(-1),
            };
        }

        return type;
    }

    /// <summary>Whether tokens go through the browser.</summary>
    public static bool IsFront(ResponseType type) => (type & (ResponseType.Token | ResponseType.IdToken)) != 0;

    /// <summary>How an answer goes when the request does not say.</summary>
    public static ResponseMode DefaultMode(ResponseType type) => IsFront(type) ? ResponseMode.Fragment : ResponseMode.Query;

    /// <summary>A mode by its word; null for one that does not exist.</summary>
    public static ResponseMode? Mode(string word, ResponseType type) => word switch
    {
        "query" => ResponseMode.Query,
        "fragment" => ResponseMode.Fragment,
        "form_post" => ResponseMode.FormPost,
        "query.jwt" => ResponseMode.QueryJwt,
        "fragment.jwt" => ResponseMode.FragmentJwt,
        "form_post.jwt" => ResponseMode.FormPostJwt,
        "jwt" => IsFront(type) ? ResponseMode.FragmentJwt : ResponseMode.QueryJwt,
        _ => null,
    };

    public static bool IsJwt(ResponseMode mode) => mode is ResponseMode.QueryJwt or ResponseMode.FragmentJwt or ResponseMode.FormPostJwt;
}
