namespace Castellan.Core.Saml.Requests;

/// <summary>What a sign-in remembers of the request of a service provider, and its part of the session after it: names of client notes.</summary>
public static class SamlNotes
{
    /// <summary>The id of the request; none where the sign-in began at the realm.</summary>
    public const string RequestId = "saml-request-id";

    /// <summary>How the answer travels: <see cref="Post"/> or <see cref="Get"/>.</summary>
    public const string Binding = "saml-binding";

    /// <summary>Whether the answer stays here and an artifact travels.</summary>
    public const string ByArtifact = "saml-artifact";

    public const string RelayState = "saml-relay-state";

    /// <summary>The kind of name that was asked for.</summary>
    public const string NameIdFormat = "saml-name-id-format";

    /// <summary>The name that was given, and its kind: of the client's part of the session alone.</summary>
    public const string NameId = "saml-name-id", NameIdGiven = "saml-name-id-given";

    /// <summary>Where the assertion goes.</summary>
    public const string Consumer = "saml-consumer";

    /// <summary>By which word of the client's the sign-in was begun at the realm.</summary>
    public const string StartedHere = "saml-started-here";

    public const string Post = "post", Get = "get";

    /// <summary>All of them: no request of another protocol can set one.</summary>
    public static IReadOnlyList<string> All { get; } = [RequestId, Binding, ByArtifact, RelayState, NameIdFormat, Consumer, StartedHere];
}
