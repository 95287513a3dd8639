using System.Text.Json;
using Castellan.Protocol.Jose;
using Microsoft.Extensions.Logging;

namespace Castellan.AspNetCore;

/// <summary>
/// A realm as the API sees it: its keys and addresses, found by discovery, kept through outages. The keys are fetched in the
/// background, and again for a <c>kid</c> that is not among them: five times in a row at most, then once in ten seconds, however many
/// tokens with invented names come.
/// </summary>
internal sealed class Realm(CastellanIssuer issuer, CastellanOptions options, HttpClient http, TimeProvider time, ILogger log)
{
    private const int Burst = 5;
    private static readonly TimeSpan s_refill = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _base = ConfigurationCheck.Trim(issuer.BackchannelUrl ?? issuer.RealmUrl);
    private Snapshot? _current;
    private Task<bool>? _fetch;
    private double _tokens = Burst;
    private long _counted = time.GetTimestamp();
    private long? _failed;
    private bool _failing;

    /// <summary>The value of <c>iss</c>.</summary>
    public string Issuer { get; } = ConfigurationCheck.Trim(issuer.RealmUrl);

    /// <summary>The name in challenges.</summary>
    public string Name => Uri.UnescapeDataString(Issuer[(Issuer.LastIndexOf('/') + 1)..]);

    /// <summary>The API's names.</summary>
    public IReadOnlyList<string> Audiences => issuer.Audiences;

    /// <summary>Counts the changes of the keys.</summary>
    public int KeyGeneration => Volatile.Read(ref _current)?.Generation ?? 0;

    /// <summary>The keys, waited for when they were never had. Null when the realm cannot be reached.</summary>
    public async ValueTask<Snapshot?> GetAsync(CancellationToken ct)
    {
        if (Volatile.Read(ref _current) is { } current)
        {
            return current;
        }

        lock (_lock)
        {
            if (_fetch is null && _failed is { } failed && time.GetElapsedTime(failed) < s_pauseAfterFailure)
            {
                return null;
            }
        }

        await RefreshAsync(withDiscovery: true).WaitAsync(ct);
        return Volatile.Read(ref _current);
    }

    /// <summary>The keys fetched anew because a token named one that is not there; null when that was done often enough.</summary>
    public async ValueTask<Snapshot?> GetAgainAsync(CancellationToken ct)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            _tokens = Math.Min(Burst, _tokens + (time.GetElapsedTime(_counted, now) / s_refill));
            _counted = now;
            if (_fetch is null)
            {
                if (_tokens < 1)
                {
                    return null;
                }

                _tokens--;
            }
        }

        return await RefreshAsync(withDiscovery: false).WaitAsync(ct) ? Volatile.Read(ref _current) : null;
    }

    /// <summary>Fetches the keys, together with whoever is fetching them already. Says whether that went well; never throws.</summary>
    public Task<bool> RefreshAsync(bool withDiscovery)
    {
        lock (_lock)
        {
            // On a thread of its own: the caller's request may end before the fetch does, and others wait for it too.
            return _fetch ??= Task.Run(() => FetchAsync(withDiscovery));
        }
    }

    private async Task<bool> FetchAsync(bool withDiscovery)
    {
        try
        {
            var before = Volatile.Read(ref _current);
            var (jwks, introspection) = withDiscovery || before is null ? await DiscoverAsync() : (before.Jwks, before.Introspection);
            var json = await http.GetByteArrayAsync(jwks);
            if (!JwkSet.TryParse(json, out var set))
            {
                throw new InvalidDataException($"{jwks} is no key set");
            }

            if (before is null || !before.Json.AsSpan().SequenceEqual(json))
            {
                var keys = VerificationKeys.From(set);
                Volatile.Write(ref _current, new Snapshot(keys, json, jwks, introspection, (before?.Generation ?? 0) + 1));
                Log.KeysFetched(log, Issuer, keys.Keys.Count);
            }
            else if (before.Jwks != jwks || before.Introspection != introspection)
            {
                Volatile.Write(ref _current, before with { Jwks = jwks, Introspection = introspection });
            }

            Ended(failed: false);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or InvalidDataException or JsonException or IOException)
        {
            if (!_failing)
            {
                Log.KeysNotFetched(log, Issuer, e.Message, Volatile.Read(ref _current) is null ? "no token can be checked until that works" : "the last keys are kept");
            }

            Ended(failed: true);
            return false;
        }
    }

    private void Ended(bool failed)
    {
        lock (_lock)
        {
            _fetch = null;
            _failing = failed;
            _failed = failed ? time.GetTimestamp() : null;
        }
    }

    private async Task<(Uri Jwks, Uri? Introspection)> DiscoverAsync()
    {
        var address = $"{_base}/.well-known/openid-configuration";
        using var document = JsonDocument.Parse(await http.GetByteArrayAsync(address));
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{address} is no discovery document");
        }

        var named = root.TryGetProperty("issuer", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (named != Issuer)
        {
            throw new InvalidDataException($"{address} says that its issuer is '{named}'. Tokens carry that name: configure it as the realm URL, and the address that you use as BackchannelUrl");
        }

        return (Address("jwks_uri") ?? throw new InvalidDataException($"{address} names no jwks_uri"), Address("introspection_endpoint"));

        Uri? Address(string name)
        {
            if (!root.TryGetProperty(name, out var text) || text.ValueKind != JsonValueKind.String || !Uri.TryCreate(text.GetString(), UriKind.Absolute, out var url))
            {
                return null;
            }

            return ConfigurationCheck.IsSafe(url, options) ? url : throw new InvalidDataException($"{address} names {url} as its {name}, which is plain HTTP to another machine");
        }
    }

    /// <summary>What one fetch found.</summary>
    internal sealed record Snapshot(VerificationKeys Keys, byte[] Json, Uri Jwks, Uri? Introspection, int Generation);
}
