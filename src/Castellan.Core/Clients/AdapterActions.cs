using System.Collections.Concurrent;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Clients;

/// <summary>What an application behind one of Keycloak's own adapters can be asked, below its admin URL.</summary>
/// <param name="Path">Where the adapter listens for it.</param>
/// <param name="Name">What the token calls it.</param>
public sealed record AdapterAction(string Path, string Name)
{
    /// <summary>To end all sessions that it has.</summary>
    public static readonly AdapterAction Logout = new("k_logout", "LOGOUT");

    /// <summary>To refuse tokens from before a moment.</summary>
    public static readonly AdapterAction PushNotBefore = new("k_push_not_before", "PUSH_NOT_BEFORE");

    /// <summary>To say that it is there.</summary>
    public static readonly AdapterAction TestAvailable = new("k_test_available", "TEST_AVAILABLE");
}

/// <summary>The addresses that were asked, by whether they took it.</summary>
public sealed record AdapterAnswers(List<string> Good, List<string> Bad);

/// <summary>Asks applications at their admin URL, with a token that the realm signs, as Keycloak's adapters expect it. An application that runs on registered nodes is asked on each of them.</summary>
public sealed class AdapterActions(IFetch fetch, Keys.Keys keys, TimeProvider time)
{
    private const int TokenSeconds = 30;
    private const int AtOnce = 16;
    private const int LongestAnswer = 64 * 1024;

    /// <param name="notBefore">Tokens from before it are refused; in seconds since 1970.</param>
    public async ValueTask<AdapterAnswers> SendAsync(Realm realm, IEnumerable<Client> clients, ServerAddresses server, AdapterAction action, long notBefore, CancellationToken ct)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var answers = new ConcurrentBag<(string Address, bool Good)>();
        var asked = clients.SelectMany(client => Addresses(client, server, now).Select(address => (client, address)));
        await Parallel.ForEachAsync(asked, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (one, ct) =>
            answers.Add((one.address, await SendAsync(realm, one.client, one.address, action, notBefore, now, ct))));
        var byAddress = answers.OrderBy(a => a.Address, StringComparer.Ordinal).ToLookup(a => a.Good, a => a.Address);
        return new([.. byAddress[true]], [.. byAddress[false]]);
    }

    private async ValueTask<bool> SendAsync(Realm realm, Client client, string address, AdapterAction action, long notBefore, long now, CancellationToken ct)
    {
        // A provider of SAML has no adapter that would understand.
        if (client.Protocol != SignInProtocols.OpenIdConnect)
        {
            return false;
        }

        var token = await TokenAsync(realm, client, action, notBefore, now, ct);
        return await fetch.SendAsync(new FetchRequest($"{address.TrimEnd('/')}/{action.Path}", Accept: "*/*", MaxLength: LongestAnswer, Body: FetchBody.Text(token)), ct) is { Status: 200 or 204 };
    }

    private async ValueTask<string> TokenAsync(Realm realm, Client client, AdapterAction action, long notBefore, long now, CancellationToken ct)
    {
        var key = await keys.SigningAsync(realm, realm.Settings.DefaultSignatureAlgorithm ?? "RS256", ct) ?? throw new InvalidOperationException("The realm has no key that signs.");
        using var jwt = JwtBuffer.Rent();
        var json = jwt.Json;
        json.WriteStartObject();
        json.WriteString("id", Ids.New());
        json.WriteNumber("expiration", now + TokenSeconds);
        json.WriteString("resource", client.ClientId);
        json.WriteString("action", action.Name);
        if (action != AdapterAction.TestAvailable)
        {
            json.WriteNumber("notBefore", notBefore);
        }

        json.WriteEndObject();
        return jwt.Sign(key);
    }

    /// <summary>The admin URL, at each node that registered and has not fallen silent since.</summary>
    private static IEnumerable<string> Addresses(Client client, ServerAddresses server, long now)
    {
        var shown = client.Representation;
        if (shown.AdminUrl is not { Length: > 0 } url || server.Absolute(client, url) is var full && !Uri.TryCreate(full, UriKind.Absolute, out var address))
        {
            return [];
        }

        var life = shown.NodeReRegistrationTimeout ?? 0;
        var nodes = (shown.RegisteredNodes ?? []).Where(n => life <= 0 || n.Value + life >= now).Select(n => n.Key).Order(StringComparer.Ordinal).ToList();
        return nodes.Count == 0 ? [full] : nodes.Select(node => new UriBuilder(address) { Host = node }.Uri.AbsoluteUri);
    }
}
