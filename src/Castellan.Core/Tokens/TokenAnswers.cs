using Castellan.Core.Clients;
using Castellan.Core.Sessions;
using Castellan.Core.Users;

namespace Castellan.Core.Tokens;

/// <summary>What is answered about a token.</summary>
public enum TokenAnswerKind
{
    UserInfo, Introspection,
}

/// <summary>
/// The last answers about one token. An answer counts as long as all that it was made from is the very same: the pictures of the realm and its
/// clients, the user and the session, each of which is read anew once it was written. No mapper of these answers looks at the clock. APIs ask about the same token again and again.
/// </summary>
public sealed class TokenAnswers
{
    private readonly Answer?[] _last = new Answer?[2];

    /// <param name="asking">The client that is answered; the token's own for userinfo.</param>
    public byte[]? Find(TokenAnswerKind kind, ValidToken about, Client asking) => _last[(int)kind] is { } last && last.IsFor(about, asking) ? last.Body : null;

    public void Keep(TokenAnswerKind kind, ValidToken about, Client asking, byte[] body) =>
        _last[(int)kind] = new(asking, about.Client, about.User, about.Session, body);

    private sealed record Answer(Client Asking, Client Client, User User, UserSession Session, byte[] Body)
    {
        public bool IsFor(ValidToken about, Client asking) =>
            ReferenceEquals(Asking, asking) && ReferenceEquals(Client, about.Client) && ReferenceEquals(User, about.User)
            && (about.Kind == SessionKind.Transient || ReferenceEquals(Session, about.Session));
    }
}
