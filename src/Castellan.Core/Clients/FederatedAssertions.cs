using System.Collections.Concurrent;
using Castellan.Core.Brokering;
using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Clients;

/// <summary>
/// An assertion of an identity provider about a client (<c>federated-jwt</c>): the provider is to vouch for clients, and the client names the provider and
/// what it is called there. No secret is shared: the provider's keys are all that is believed.
/// </summary>
public sealed class FederatedAssertions(
    UpstreamIdTokens idTokens, ProviderOrganizations organizations, IClients clients, IConfigurationStore store, IOneUse oneUse, TimeProvider time) : IClientMethod
{
    private const string ProviderOfClient = "jwt.credential.issuer", NameAtProvider = "jwt.credential.sub";
    private const int MaxSeconds = 300;

    // A token of a service account counts for an hour, and its pod shows the same one as long as it has no other.
    private const int MaxClusterSeconds = 3600;
    private const int MaxKnown = 10_000;

    // Where a client was found before. What is found there is looked at again each time.
    private readonly ConcurrentDictionary<(string Realm, string Provider, string Name), string> _known = new();
    private readonly AssertionClaims _claims = new(oneUse, time);

    public string Id => "federated-jwt";

    /// <summary>The client that the assertion is about; null when no provider of the realm vouches for it, or there is no such client.</summary>
    public async ValueTask<Client?> FindAsync(ClientAssertion assertion, ClientProof proof, CancellationToken ct)
    {
        // Clients are looked for by attributes, which is work: the assertion has to be the provider's, and for us, before that.
        if (await ProviderOfAsync(proof.Realm, assertion, ct) is not { } provider || assertion is not { Jws: { } jws, About: { } name } || jws.Algorithm is not { IsSymmetric: false }
            || await idTokens.FaultAsync(provider, jws, ct) is not null || !IsForUs(jws, provider, proof))
        {
            return null;
        }

        var key = (proof.Realm.Id, provider.Alias, name);
        if (_known.TryGetValue(key, out var id) && await clients.FindAsync(proof.Realm, id, ct) is { } known && Is(known, provider, name))
        {
            return known;
        }

        var query = new ClientQuery(Attributes: new Dictionary<string, string> { [ProviderOfClient] = provider.Alias, [NameAtProvider] = name });
        if (await store.ListClientsAsync(proof.Realm.Id, query, 0, 2, ct) is not [{ Representation.ClientId: { } clientId }])
        {
            return null;
        }

        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        _known[key] = clientId;
        return await clients.FindAsync(proof.Realm, clientId, ct) is { } found && Is(found, provider, name) ? found : null;
    }

    public async ValueTask<ProtocolError?> CheckAsync(Client client, ClientCredentials credentials, ClientAssertion? assertion, ClientProof proof, CancellationToken ct)
    {
        // Only a client that was found by what its provider says of it is proved by that.
        if (assertion is not { Jws: { } jws, About: { } name } || await ProviderOfAsync(proof.Realm, assertion, ct) is not { } provider || !Is(client, provider, name))
        {
            return ClientAuthentication.InvalidClient;
        }

        if (proof.Form["client_id"] is { } said && said != name)
        {
            return new("invalid_client", "client_id parameter does not match sub claim");
        }

        using var claims = jws.Claims();
        if (claims is null || jws.Algorithm is not { IsSymmetric: false } || await idTokens.FaultAsync(provider, jws, ct) is not null)
        {
            return ClientAuthentication.InvalidClient;
        }

        var audience = Audience(provider, proof);
        var (life, reusable) = provider.IsCluster ? (MaxClusterSeconds, true) : (MaxSeconds, provider.Flag("supportsClientAssertionReuse"));
        var rules = new AssertionRules(a => a == audience, life, provider.ClockSkew, provider.ClockSkew, OneUseKinds.AssertionId, reusable ? null : provider.Id);
        return await _claims.CheckAsync(proof.Realm, claims, rules, ct) is { } wrong ? new("invalid_client", wrong) : null;
    }

    private async ValueTask<IdentityProvider?> ProviderOfAsync(Realm realm, ClientAssertion assertion, CancellationToken ct) =>
        assertion.IssuedBy is { } issuer && IdentityProviders.Of(realm).All.FirstOrDefault(p => p is { Enabled: true, VouchesForClients: true } && p.Setting("issuer") == issuer) is { } provider
        && !await organizations.IsClosedAsync(realm, provider, ct) ? provider : null;

    private static bool Is(Client client, IdentityProvider provider, string name) => client.Attribute(ProviderOfClient) == provider.Alias && client.Attribute(NameAtProvider) == name;

    private static bool IsForUs(Protocol.Jose.Jws jws, IdentityProvider provider, ClientProof proof)
    {
        using var claims = jws.Claims();
        return claims?.HasAudience(Audience(provider, proof)) is true;
    }

    private static string Audience(IdentityProvider provider, ClientProof proof) =>
        !provider.IsCluster && provider.Flag("allowClientIdAsAudience") && provider.ClientId is { } us ? us : proof.Issuer;
}
