using Castellan.Core.Events;
using Castellan.Core.Sessions;

namespace Castellan.Core.Login.Protocols;

/// <summary>What a protocol adds to the end of a sign-in. The sign-in itself is the same for all of them.</summary>
public interface ISignInProtocol
{
    /// <summary>The name that clients and events have for it.</summary>
    string Name { get; }

    /// <summary>The notes of the request that the client's part of the session keeps.</summary>
    IReadOnlyList<string> Kept { get; }

    /// <summary>What the client gets. It is made while the session is written, and the browser hears of it when both are there.</summary>
    ValueTask<List<KeyValuePair<string, string>>> AnswerAsync(LoginContext context, UserSession session, ClientSession client);

    /// <summary>Adds to the event of the sign-in what the request said of its answer.</summary>
    void Describe(AuthenticationTab tab, LoginEvent happened);
}
