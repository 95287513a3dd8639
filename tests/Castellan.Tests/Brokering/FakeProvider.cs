using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core;
using Castellan.Core.Outbound;
using Castellan.Protocol.Jose;

namespace Castellan.Tests.Brokering;

/// <summary>An OpenID provider that answers whatever a test wants, in the place of everything that the server could fetch.</summary>
internal sealed class FakeProvider : IFetch
{
    public const string Issuer = "https://up.example";
    public const string ClientId = "us";
    public const string Secret = "a-secret-of-ours";
    public static readonly SigningKey Key = new(EcKey.Generate("P-256")!, SignatureAlgorithm.ES256, "one");

    /// <summary>Who is signed in there.</summary>
    public string Subject { get; set; } = "subject-1";

    public string Username { get; set; } = "una";

    public string? Email { get; set; } = "una@example.org";

    public string? Nonce { get; set; }

    /// <summary>What is changed of the ID token before it is signed; a text in place of it all.</summary>
    public Action<JsonObject>? Change { get; set; }

    public Func<JsonObject, string>? Write { get; set; }

    public string? InfoSubject { get; set; }

    /// <summary>What is changed of the token endpoint's answer, and of the user info.</summary>
    public Action<JsonObject>? ChangeAnswer { get; set; }

    public Action<JsonObject>? ChangeInfo { get; set; }

    /// <summary>How the user info is written, as <c>application/jwt</c>; null for plain JSON.</summary>
    public Func<JsonObject, string>? WriteInfo { get; set; }

    /// <summary>The codes that were shown to the token endpoint.</summary>
    public List<string> Codes { get; } = [];

    /// <summary>Everything else that was asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Other addresses that answer.</summary>
    public Dictionary<string, Func<FetchRequest, FetchAnswer?>> Elsewhere { get; } = [];

    public ValueTask<byte[]?> GetAsync(string address, string accept, int maxLength, CancellationToken ct = default)
    {
        Asked.Add(address);
        return Elsewhere.GetValueOrDefault(address)?.Invoke(new FetchRequest(address)) is { IsOk: true } answer ? new(answer.Body) : new(address == $"{Issuer}/keys" ? Encoding.UTF8.GetBytes($$"""{"keys":[{{(Key.Key.ToJwk() with { Kid = "one", Use = "sig", Alg = "ES256" }).ToJson()}}]}""") : null);
    }

    public ValueTask<int?> PostFormAsync(string address, IReadOnlyList<KeyValuePair<string, string>> form, CancellationToken ct = default) => new((int?)200);

    public ValueTask<FetchAnswer?> SendAsync(FetchRequest request, CancellationToken ct = default)
    {
        if (request.Address == $"{Issuer}/token")
        {
            Codes.Add(request.Form!.First(f => f.Key == "code").Value);
            return Json(new JsonObject { ["access_token"] = "opaque", ["token_type"] = "Bearer", ["expires_in"] = 300, ["id_token"] = IdToken() }, ChangeAnswer);
        }

        Asked.Add(request.Address);
        return request.Address == $"{Issuer}/info" ? Json(new JsonObject { ["sub"] = InfoSubject ?? Subject, ["preferred_username"] = Username, ["email"] = Email, ["given_name"] = "U", ["family_name"] = "N" }, ChangeInfo, WriteInfo)
            : new(Elsewhere.GetValueOrDefault(request.Address)?.Invoke(request));
    }

    public static string Sign(JsonObject claims, SigningKey? key = null) => JwsWriter.Sign(key ?? Key, Encoding.UTF8.GetBytes(claims.ToJsonString()));

    private string IdToken()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = Issuer, ["aud"] = ClientId, ["sub"] = Subject, ["exp"] = now + 300, ["iat"] = now, ["nonce"] = Nonce, ["sid"] = "far-" + Subject,
            ["email"] = Email, ["email_verified"] = true, ["preferred_username"] = Username,
        };
        Change?.Invoke(claims);
        return Write?.Invoke(claims) ?? Sign(claims);
    }

    private static ValueTask<FetchAnswer?> Json(JsonObject body, Action<JsonObject>? change, Func<JsonObject, string>? write = null)
    {
        change?.Invoke(body);
        return write is not null ? new(new FetchAnswer(200, "application/jwt", Encoding.UTF8.GetBytes(write(body)))) : new(new FetchAnswer(200, "application/json", Encoding.UTF8.GetBytes(body.ToJsonString())));
    }
}
