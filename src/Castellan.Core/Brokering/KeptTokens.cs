using Castellan.Core.Brokering.Services;
using Castellan.Core.Codes;
using Castellan.Core.Realms;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Brokering;

/// <summary>The tokens that are kept with links, renewed when they have run out (RFC 6749 §6).</summary>
public sealed class KeptTokens(IUserStore users, IRealms realms, UpstreamTokens tokens, OpenShift openShift, IOneUse holds, TimeProvider time)
{
    private const string Kind = "broker-refresh";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>What is kept with the person's link, with an access token that counts if one can be had. Null when nothing is kept.</summary>
    public async ValueTask<Result<string>?> FindAsync(Realm realm, IdentityProvider provider, User user, CancellationToken ct = default)
    {
        if (await ReadAsync() is not { } kept)
        {
            return null;
        }

        if (Renewal(kept) is null)
        {
            return kept;
        }

        // Many providers take a refresh token once, and end everything when it comes twice: one request at a time asks, the others find what it got.
        await using var hold = await Hold.WaitAsync(holds, realm.Id, Kind, $"{provider.Alias}\n{user.Id}", s_patience, time, ct);
        if (hold is null)
        {
            return UpstreamRefusals.Upstream("Other requests are at the tokens.");
        }

        if (await ReadAsync() is not { } now)
        {
            return null;
        }

        if (Renewal(now) is not { } refresh)
        {
            return now;
        }

        var located = provider.Kind == OpenShift.Id && await openShift.LocateAsync(provider, ct) is { } found ? found : provider;
        // What the provider gives replaces what it gave before: whoever asked may be gone meanwhile.
        if (!(await tokens.RefreshAsync(realm, located, refresh, CancellationToken.None)).Ok(out var answer, out var refusal))
        {
            return refusal;
        }

        var renewed = StoredTokens.Refreshed(now, StoredTokens.Write(answer, time.GetUtcNow()));
        await realms.ApplyAsync(new ChangeSet(realm.Id).Add(new RenewFederatedToken(user.Id, provider.Alias, now, renewed)), CancellationToken.None);
        return renewed;

        async ValueTask<string?> ReadAsync() => await users.FederatedTokenAsync(realm.Id, user.Id, provider.Alias, ct) is { Length: > 0 } text ? text : null;

        string? Renewal(string text) => StoredTokens.Renewal(text, time.GetUtcNow().AddSeconds(provider.MinValidity));
    }
}
