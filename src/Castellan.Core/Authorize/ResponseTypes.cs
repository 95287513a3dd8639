namespace Castellan.Core.Authorize;

/// <summary>Response types and modes in their words (OAuth 2.0 Multiple Response Types, Form Post, JARM).</summary>
public static class ResponseTypes
{
    /// <summary>The client's attribute that keeps <c>iss</c> (RFC 9207) out of its answers, for clients that stumble over it.</summary>
    public const string WithoutIssuer = "exclude.issuer.from.auth.response";

    /// <summary>The type that a word list stands for; words that are unknown, or stand beside <c>none</c>, are a negative number, which no flag set is.</summary>
    public static ResponseType Parse(string? words)
    {
        var type = ResponseType.None;
        var all = words?.Trim().Split(' ') ?? [];
        foreach (var word in all)
        {
            type |= word switch
            {
                "code" => ResponseType.Code,
                "token" => ResponseType.Token,
                "id_token" => ResponseType.IdToken,
                "none" when all.Length == 1 => ResponseType.None,
                _ => (ResponseType)(-1),
            };
        }

        return type;
    }

    /// <summary>What is wrong with words that <see cref="Parse"/> does not take.</summary>
    public static string Wrong(string words) => words.Trim().Split(' ').All(w => w is "code" or "token" or "id_token" or "none") ? "'None' not allowed with some other response_type" : "Unsupported response_type";

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

    /// <summary>How the answer to a request goes that asked for a type and perhaps a mode, in words that were checked before.</summary>
    public static ResponseMode Mode(string? types, string? mode)
    {
        var type = Parse(types);
        return (int)type < 0 ? ResponseMode.Query : (mode is null ? null : Mode(mode, type)) ?? DefaultMode(type);
    }

    /// <summary>A mode as events name it.</summary>
    public static string EventWord(ResponseMode mode) => mode switch
    {
        ResponseMode.Query => "query",
        ResponseMode.Fragment => "fragment",
        ResponseMode.FormPost => "form_post",
        ResponseMode.QueryJwt => "query_jwt",
        ResponseMode.FragmentJwt => "fragment_jwt",
        _ => "form_post_jwt",
    };

    public static bool IsJwt(ResponseMode mode) => mode is ResponseMode.QueryJwt or ResponseMode.FragmentJwt or ResponseMode.FormPostJwt;
}
