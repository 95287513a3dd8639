using Castellan.Core.Login;
using Castellan.Core.Mappers;
using Castellan.Core.Tokens;

namespace Castellan.Core.Authorize;

/// <summary>
/// Whom a client believes to be signed in, as an ID token of its own says (OIDC Core §3.1.2.1, <c>id_token_hint</c>): if it is somebody else in the end,
/// the client gets an error. The token's time may be over. One that this server did not give to the client says nothing.
/// </summary>
public static class IdTokenHints
{
    public const string Parameter = "id_token_hint";

    /// <summary>A longer one is none.</summary>
    public const int MaxLength = 8 * 1024;

    /// <summary>Puts down what the token says of its person; the token itself is not kept.</summary>
    public static void Note(AuthorizeRequest request, AuthenticationTab tab, string issuer)
    {
        tab.ClientNotes.Remove(Parameter);
        if (request[Parameter] is { Length: <= MaxLength } token && OwnToken.Read(request.Realm, token, issuer) is { Type: "ID", Subject: { } subject } hint
            && (hint.AuthorizedParty == request.Client.ClientId || hint.Audience.Contains(request.Client.ClientId)))
        {
            tab.ClientNotes[LoginNotes.HintedSubject] = subject;
        }
    }

    /// <summary>Whether the person of a sign-in is another one than the client meant.</summary>
    public static bool IsSomebodyElse(LoginContext context)
    {
        if (context.Tab.ClientNote(LoginNotes.HintedSubject) is not { } hinted)
        {
            return false;
        }

        var (client, user) = (context.Client, context.User!.Id);
        // Where a mapper writes the subject, it need not be the one of the hint any more: who was meant cannot be told.
        return hinted != (PairwiseSubjectMapper.Subject(client, user) ?? user) && !MapperPlan.For(client, [.. client.DefaultScopes, .. client.OptionalScopes]).Writes("sub");
    }
}
