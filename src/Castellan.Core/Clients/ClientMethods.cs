using System.Security.Cryptography.X509Certificates;
using System.Text;
using Castellan.Core.Clients.Policies;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Clients;

/// <summary>Client authentication for every endpoint that wants it: finds out who the client says it is, then has its own method check the proof.</summary>
public sealed class ClientAuthentication(IClients clients, IReadOnlyList<IClientMethod> methods, FederatedAssertions? federated = null) : IClientAuthentication
{
    /// <summary>The method of clients that name none.</summary>
    public const string DefaultMethod = "client-secret";

    private readonly Dictionary<string, IClientMethod> _methods = methods.ToDictionary(m => m.Id, StringComparer.Ordinal);

    internal static readonly ProtocolError InvalidClient = new("invalid_client", "Invalid client or Invalid client credentials", 401);

    public async ValueTask<Result<AuthenticatedClient>> AuthenticateAsync(ClientProof proof, CancellationToken ct = default)
    {
        if (!ClientCredentials.Read(proof, out var credentials))
        {
            return Refuse(proof, "invalid_client_credentials", new("unauthorized_client", "Unexpected error when authenticating client"));
        }

        // An assertion names its client itself; everything else goes by the client id.
        var assertion = ClientAssertion.Read(proof.Form);
        if (federated is not null && assertion is { IssuedBy: not null } && await federated.FindAsync(assertion, proof, ct) is { } vouchedFor && vouchedFor.Representation.ClientAuthenticatorType == federated.Id)
        {
            proof.Event.ClientId = vouchedFor.ClientId;
            return await ProveAsync(vouchedFor, credentials, assertion, proof, ct);
        }

        var clientId = credentials.ClientId ?? assertion?.Subject;
        if (assertion is not null && credentials.ClientId is not null && assertion.Subject != credentials.ClientId)
        {
            if (assertion.Subject is not null && await clients.FindAsync(proof.Realm, assertion.Subject, ct) is not null)
            {
                return Refuse(proof, "client_not_found", new("invalid_client", "client_id parameter does not match authenticated client"));
            }
        }

        proof.Event.ClientId = clientId;
        if (clientId is null || await clients.FindAsync(proof.Realm, clientId, ct) is not { } client)
        {
            return Refuse(proof, "client_not_found", InvalidClient);
        }

        return await ProveAsync(client, credentials, assertion, proof, ct);
    }

    private async ValueTask<Result<AuthenticatedClient>> ProveAsync(Client client, ClientCredentials credentials, ClientAssertion? assertion, ClientProof proof, CancellationToken ct)
    {
        if (!client.Enabled)
        {
            return Refuse(proof, "client_disabled", InvalidClient);
        }

        if (client.IsPublic)
        {
            // Nothing to prove; whoever brings an assertion all the same means to prove something that we cannot check.
            proof.Event.With("client_auth_method", client.Representation.ClientAuthenticatorType ?? DefaultMethod);
            return credentials.ClientId is null ? Refuse(proof, "invalid_client", InvalidClient) : Enter(proof, new AuthenticatedClient(client, "none"));
        }

        var name = client.Representation.ClientAuthenticatorType ?? DefaultMethod;
        if (!_methods.TryGetValue(name, out var method))
        {
            return Refuse(proof, "invalid_client", InvalidClient);
        }

        if (await method.CheckAsync(client, credentials, assertion, proof, ct) is { } error)
        {
            return Refuse(proof, error == AssertionMethod.NoKey ? "client_credentials_setup_required" : "invalid_client_credentials", error);
        }

        proof.Event.With("client_auth_method", name);
        return Enter(proof, new AuthenticatedClient(client, name));
    }

    /// <summary>Whether the realm's policies let the client in. It stands here because every endpoint for clients comes through here.</summary>
    private static Result<AuthenticatedClient> Enter(ClientProof proof, AuthenticatedClient client)
    {
        if (client.Client.Protocol != "openid-connect")
        {
            return Refuse(proof, "invalid_client", new("invalid_client", "Wrong client protocol."));
        }

        var policies = ClientPolicies.Of(proof.Realm);
        if ((policies.Enter(new EndpointOccasion(proof.Realm, client.Client, proof.Endpoint)) ?? Prove(policies, proof, client.Client)) is not { } refusal)
        {
            return client;
        }

        proof.Event.FailedByPolicy(refusal.Code, refusal.Description);
        return refusal;
    }

    /// <summary>Where requests have an occasion of their own that is answered in its own way, they are asked there.</summary>
    private static ProtocolError? Prove(ClientPolicies policies, ClientProof proof, Client client) =>
        proof.Endpoint is ClientEndpoint.Token or ClientEndpoint.PushedRequest or ClientEndpoint.BackchannelAuthentication
            ? null
            : policies.Prove(new ProofOccasion(proof.Realm, client, proof.Form, proof.Issuer));

    private static ProtocolError Refuse(ClientProof proof, string eventError, ProtocolError error)
    {
        proof.Event.Failed(eventError);
        return error;
    }
}

/// <summary>One way in which a client proves itself: its <c>clientAuthenticatorType</c>.</summary>
public interface IClientMethod
{
    string Id { get; }

    /// <summary>Null when the proof is good, otherwise the refusal.</summary>
    ValueTask<ProtocolError?> CheckAsync(Client client, ClientCredentials credentials, ClientAssertion? assertion, ClientProof proof, CancellationToken ct);
}

/// <summary>Client id and secret as header and body give them (RFC 6749 §2.3.1). Where both do, the body counts, each part for itself.</summary>
public readonly record struct ClientCredentials(string? ClientId, string? Secret)
{
    /// <summary>False when the header is broken in a way that is answered apart.</summary>
    public static bool Read(ClientProof proof, out ClientCredentials credentials)
    {
        credentials = default;
        string? id = null;
        string? secret = null;
        if (proof.Authorization is { } header && header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) && Decode(header.AsSpan(6).Trim()) is { } pair)
        {
            var colon = pair.IndexOf(':');
            if (colon > 0)
            {
                // Both parts are form-encoded (RFC 6749 §2.3.1, appendix B).
                id = Form.Decode(pair[..colon]);
                secret = Form.Decode(pair[(colon + 1)..]);
                if (id is null || secret is null)
                {
                    return false;
                }
            }
        }

        credentials = new(proof.Form["client_id"] ?? id, proof.Form["client_secret"] ?? secret);
        return true;
    }

    private static string? Decode(ReadOnlySpan<char> base64)
    {
        if (base64.Length > 8192)
        {
            return null;
        }

        Span<byte> bytes = new byte[base64.Length];
        return Convert.TryFromBase64Chars(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes[..length]) : null;
    }
}

/// <summary>Id and secret (<c>client_secret_basic</c>, <c>client_secret_post</c>).</summary>
public sealed class SecretMethod(TimeProvider time) : IClientMethod
{
    private static readonly ProtocolError s_wrong = new("unauthorized_client", "Invalid client or Invalid client credentials", 401);

    /// <summary>The client's attribute that names the one way in which its secret may come; without it both will do.</summary>
    public const string AllowedWay = "client.secret.authentication.allowed.method";

    public string Id => "client-secret";

    public ValueTask<ProtocolError?> CheckAsync(
        Client client, ClientCredentials credentials, ClientAssertion? assertion, ClientProof proof, CancellationToken ct) =>
        new(assertion is not null && credentials.Secret is null && proof.Form["client_id"] is null ? ClientAuthentication.InvalidClient
            : credentials.Secret is not { } given || client.Representation.Secret is not { Length: > 0 } ? s_wrong
            : client.Attribute(AllowedWay) is { } only && !string.IsNullOrWhiteSpace(only) && only != Way(proof)
                ? new("unauthorized_client", $"Invalid method used to get client secret. Client requires method '{only}' to obtain client secret from the request", 401)
            : IsOneOf(client, given) ? null
            : s_wrong);

    /// <summary>How the secret came (RFC 7591 §2): what the body says counts, whatever the header does.</summary>
    private static string Way(ClientProof proof) => proof.Form["client_secret"] is null ? "client_secret_basic" : "client_secret_post";

    private bool IsOneOf(Client client, string given)
    {
        foreach (var secret in ClientSecrets.Of(client, time.GetUtcNow()))
        {
            if (Secret.Equal(given, secret))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>The secrets of a client that count: its own, unless it has expired, and the one before it while that is kept on.</summary>
public static class ClientSecrets
{
    public static IEnumerable<string> Of(Client client, DateTimeOffset now)
    {
        if (client.Representation.Secret is { Length: > 0 } secret && IsAhead(client.Attribute("client.secret.expiration.time"), now))
        {
            yield return secret;
        }

        if (client.Attribute("client.secret.rotated") is { } rotated && client.Attribute("client.secret.rotated.expiration.time") is { } until && IsAhead(until, now))
        {
            yield return rotated;
        }
    }

    private static bool IsAhead(string? seconds, DateTimeOffset now) =>
        !long.TryParse(seconds, out var until) || until <= 0 || now.ToUnixTimeSeconds() < until;
}

/// <summary>A certificate of the connection (RFC 8705 §2.1), by its subject.</summary>
public sealed class CertificateMethod : IClientMethod
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    public string Id => "client-x509";

    public ValueTask<ProtocolError?> CheckAsync(
        Client client, ClientCredentials credentials, ClientAssertion? assertion, ClientProof proof, CancellationToken ct)
    {
        if (proof.Form["client_id"] is null)
        {
            return new(new ProtocolError("invalid_client", "Missing client_id parameter"));
        }

        if (proof.Certificate is null || client.Attribute("x509.subjectdn") is not { } wanted)
        {
            return new(ClientAuthentication.InvalidClient);
        }

        using var certificate = X509CertificateLoader.LoadCertificate(proof.Certificate);
        // Where it is not said, as in files of before there was the switch, the name may be a pattern.
        var isPattern = client.Attribute("x509.allow.regex.pattern.comparison") is null || client.Flag("x509.allow.regex.pattern.comparison");
        var matches = isPattern ? Matches(certificate.Subject, wanted) : Normalised(certificate.Subject) == Normalised(wanted);
        return new(matches ? null : ClientAuthentication.InvalidClient);
    }

    private static bool Matches(string subject, string pattern)
    {
        try
        {
            return System.Text.RegularExpressions.Regex.IsMatch(subject, $"^(?:{pattern})$", System.Text.RegularExpressions.RegexOptions.CultureInvariant, s_patience);
        }
        catch (Exception e) when (e is System.Text.RegularExpressions.RegexMatchTimeoutException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Names that differ only in white space around their parts are one name.</summary>
    private static string Normalised(string name)
    {
        try
        {
            // The text of one that was made of a text is that text: it has to be written anew.
            return new X500DistinguishedName(name).Decode(X500DistinguishedNameFlags.Reversed).ToUpperInvariant();
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return name;
        }
    }
}
