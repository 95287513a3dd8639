using System.Text.Json;
using System.Text.Json.Serialization;
using Castellan.Core.Sessions;

namespace Castellan.Core.Saml.Logout;

/// <summary>The answer that the provider waits for who began it.</summary>
/// <param name="ClientId">The client's internal id.</param>
/// <param name="To">Where it goes; null when the provider has no such address.</param>
public sealed record AwaitedAnswer(string ClientId, string RequestId, LogoutAddress? To, string? RelayState);

/// <summary>What is left to do by another protocol, by which the person was signed out.</summary>
/// <param name="ClientId">The internal id of the client that asked.</param>
/// <param name="Url">Where the browser goes on.</param>
/// <param name="Frames">Names and addresses of clients that hear in frames of the last page.</param>
/// <param name="IsUpstream">Whether the browser goes on to an identity provider.</param>
public sealed record OtherLogout(string? ClientId, string? Url, IReadOnlyList<OtherLogout.Frame> Frames, bool IsUpstream, string? Locales)
{
    public sealed record Frame(string Client, string Url);
}

/// <summary>
/// The way of a browser from provider to provider, each of which hears that the session has ended. The session itself is gone already: whoever leaves
/// the way half through is signed out here all the same. It stands in a tab of the browser, which each answer takes, so that none counts twice.
/// </summary>
public sealed record LogoutChain
{
    /// <summary>The part of the tab.</summary>
    public const string Path = "saml-logout";

    private const string Note = "logout-chain";

    public required string SessionId { get; init; }

    public required string UserId { get; init; }

    public string? Username { get; init; }

    /// <summary>By which protocol the session began.</summary>
    public required string Method { get; init; }

    /// <summary>Who is still to be told; the first one is who was asked last.</summary>
    public required List<SamlPart> Left { get; init; }

    /// <summary>Who began it, by SAML.</summary>
    public AwaitedAnswer? Answer { get; init; }

    /// <summary>What is left where it was begun by another protocol.</summary>
    public OtherLogout? Other { get; init; }

    public static LogoutChain Of(UserSession session, IEnumerable<SamlPart> left) => new()
    {
        SessionId = session.Id, UserId = session.UserId, Username = session.LoginUsername, Left = [.. left],
        Method = session.Notes.GetValueOrDefault(Login.LoginNotes.AuthMethod) ?? Login.Protocols.SignInProtocols.OpenIdConnect,
    };

    public void WriteTo(Login.AuthenticationTab tab) => tab.SetNote(Note, JsonSerializer.Serialize(this, LogoutJson.Default.LogoutChain));

    public static LogoutChain? ReadFrom(Login.AuthenticationTab tab) => tab.Path == Path && tab.Note(Note) is { } json ? JsonSerializer.Deserialize(json, LogoutJson.Default.LogoutChain) : null;
}

/// <summary>The JSON in which a logout under way is stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogoutChain))]
internal sealed partial class LogoutJson : JsonSerializerContext;
