using Castellan.Core.Events;
using Castellan.Core.Saml.Requests;
using Castellan.Core.Sessions;

namespace Castellan.Core.Login.Protocols;

/// <summary>The end of a sign-in by SAML. What the provider gets is written when the session stands, since it names it.</summary>
public sealed class SamlSignIn : ISignInProtocol
{
    public string Name => SignInProtocols.Saml;

    public IReadOnlyList<string> Kept { get; } = [.. SamlNotes.All, LoginNotes.RequestedLevel];

    public ValueTask<List<KeyValuePair<string, string>>> AnswerAsync(LoginContext context, UserSession session, ClientSession client) => new([]);

    public void Describe(AuthenticationTab tab, LoginEvent happened)
    {
    }
}
