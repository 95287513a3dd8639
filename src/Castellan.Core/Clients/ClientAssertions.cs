using System.Text;
using Castellan.Core.Codes;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Clients;

/// <summary>An assertion of a client about itself (RFC 7523 §2.2), taken apart and not yet believed.</summary>
/// <param name="Jws">Null when the request has an assertion type and no assertion that can be read.</param>
/// <param name="Subject">Whom it is about, when it is by the same.</param>
public sealed record ClientAssertion(Jws? Jws, string? Subject, bool IsMissing = false)
{
    private const string BearerType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <summary>Who it is by, when that is somebody else than the client: an identity provider that vouches for it.</summary>
    public string? IssuedBy { get; private init; }

    /// <summary>What the client is called there.</summary>
    public string? About { get; private init; }

    /// <summary>The assertion of a request; null when it has none of this type.</summary>
    public static ClientAssertion? Read(Form form)
    {
        if (form["client_assertion_type"] != BearerType)
        {
            return null;
        }

        if (form.Value("client_assertion") is not { } text)
        {
            return new(null, null, IsMissing: true);
        }

        if (Jws.TryParse(text, out var jws, allowUnknown: true) != JoseFault.None)
        {
            return new(null, null);
        }

        using var claims = jws!.Claims();
        var (issuer, subject) = (claims?.Text("iss"), claims?.Text("sub"));
        // RFC 7523 §3: issuer and subject are both the client, or somebody vouches for it.
        return issuer == subject ? new(jws, subject) : new(jws, null) { IssuedBy = issuer, About = subject };
    }
}

/// <summary>What assertions by key and by secret have in common: the claims, and that each is used once.</summary>
public abstract class AssertionMethod(IOneUse oneUse, TimeProvider time) : IClientMethod
{
    private const long DefaultLife = 60;

    // Clocks differ (FAPI 2.0 §5.3.2.1 wants ten seconds at least): how far ahead a client's may be. What has expired has expired.
    private const long Skew = 15;

    private static readonly string[] s_endpoints =
    [
        "/protocol/openid-connect/token", "/protocol/openid-connect/token/introspect", "/protocol/openid-connect/ext/par/request",
        "/protocol/openid-connect/ext/ciba/auth",
    ];

    /// <summary>The client has no key that the signature could be by: it was not set up for that, which is another failure than a wrong signature.</summary>
    internal static readonly ProtocolError NoKey = Refuse("Unable to load public key");

    private readonly AssertionClaims _claims = new(oneUse, time);

    public abstract string Id { get; }

    public async ValueTask<ProtocolError?> CheckAsync(
        Client client, ClientCredentials credentials, ClientAssertion? assertion, ClientProof proof, CancellationToken ct)
    {
        if (assertion is null)
        {
            return proof.Form["client_assertion_type"] is null
                ? Refuse("Parameter client_assertion_type is missing")
                : ClientAuthentication.InvalidClient;
        }

        if (assertion.IsMissing)
        {
            return Refuse("client_assertion parameter missing");
        }

        if (assertion.Jws is not { } jws || assertion.Subject != client.ClientId)
        {
            return ClientAuthentication.InvalidClient;
        }

        return await CheckSignatureAsync(client, jws, ct) ?? await CheckClaimsAsync(client, jws, proof, ct);
    }

    /// <summary>Null when the client signed it.</summary>
    protected abstract ValueTask<ProtocolError?> CheckSignatureAsync(Client client, Jws jws, CancellationToken ct);

    /// <summary>The algorithm that the client is bound to, if it is.</summary>
    protected static string? Demanded(Client client) => client.Attribute("token.endpoint.auth.signing.alg") is { } alg && alg != "any" ? alg : null;

    protected static ProtocolError Refuse(string description) => new("invalid_client", description);

    private async ValueTask<ProtocolError?> CheckClaimsAsync(Client client, Jws jws, ClientProof proof, CancellationToken ct)
    {
        using var claims = jws.Claims();
        if (claims is null)
        {
            return ClientAuthentication.InvalidClient;
        }

        var life = long.TryParse(client.Attribute("token.endpoint.auth.signing.max.exp"), out var own) && own > 0 ? own : DefaultLife;
        return await _claims.CheckAsync(proof.Realm, claims, new(a => IsOurs(a, proof), life, Skew, 0, OneUseKinds.AssertionId, client.Id), ct) is { } wrong ? Refuse(wrong) : null;
    }

    private static bool IsOurs(string audience, ClientProof proof) =>
        Below(audience, proof.Issuer) || (proof.BackendIssuer is { } other && Below(audience, other));

    private static bool Below(string audience, string issuer) =>
        audience.StartsWith(issuer, StringComparison.Ordinal)
        && (audience.Length == issuer.Length || s_endpoints.Contains(audience[issuer.Length..]));
}

/// <summary>An assertion signed with the client's key (<c>private_key_jwt</c>).</summary>
public sealed class KeyAssertionMethod(ClientKeys keys, IOneUse oneUse, TimeProvider time) : AssertionMethod(oneUse, time)
{
    public override string Id => "client-jwt";

    protected override async ValueTask<ProtocolError?> CheckSignatureAsync(Client client, Jws jws, CancellationToken ct)
    {
        if (jws.Algorithm is not { IsSymmetric: false } algorithm || (Demanded(client) is { } demanded && demanded != algorithm.Name))
        {
            return Refuse("Invalid signature algorithm");
        }

        if (await keys.VerificationAsync(client, jws.Header.Kid, ct) is not { } known)
        {
            return NoKey;
        }

        return known.Verify(jws) switch
        {
            JoseFault.None => null,
            JoseFault.UnknownKey => NoKey,
            _ => Refuse("Client authentication with signed JWT failed: Signature on JWT token failed validation"),
        };
    }
}

/// <summary>An assertion under the client's secret (<c>client_secret_jwt</c>).</summary>
public sealed class SecretAssertionMethod(IOneUse oneUse, TimeProvider time) : AssertionMethod(oneUse, time)
{
    private readonly TimeProvider _time = time;

    public override string Id => "client-secret-jwt";

    protected override ValueTask<ProtocolError?> CheckSignatureAsync(Client client, Jws jws, CancellationToken ct)
    {
        if (jws.Algorithm is not { } algorithm || (algorithm.IsSymmetric && Demanded(client) is { } demanded && demanded != algorithm.Name))
        {
            return new(Refuse("Invalid signature algorithm"));
        }

        if (!algorithm.IsSymmetric)
        {
            return new(Failed("Signature on JWT token by client secret failed validation"));
        }

        foreach (var secret in ClientSecrets.Of(client, _time.GetUtcNow()))
        {
            if (new VerificationKey(new OctKey(Encoding.UTF8.GetBytes(secret)), null, [algorithm]).Verify(jws) == JoseFault.None)
            {
                return new((ProtocolError?)null);
            }
        }

        return new(Failed("Signature on JWT token by client secret  failed validation"));
    }

    private static ProtocolError Failed(string why) => new("unauthorized_client", $"Client authentication with client secret signed JWT failed: {why}");
}
