using System.Text.Json;

namespace Castellan.Core.Codes;

/// <summary>Authorization codes: made at the authorization endpoint, taken once at the token endpoint.</summary>
public interface ICodes
{
    /// <summary>A new code, <c>{uuid}.{session}.{client}</c>: what is replayed after it was spent still names the session that must end.</summary>
    ValueTask<string> AddAsync(string realmId, AuthorizationCode code, TimeSpan life, CancellationToken ct = default);

    /// <summary>Removes the code and returns it. Of any number of callers at most one gets it; the rest get null.</summary>
    ValueTask<AuthorizationCode?> TakeAsync(string realmId, string code, CancellationToken ct = default);
}

/// <summary>Codes in the store of things used once.</summary>
public sealed class Codes(IOneUse store, TimeProvider time) : ICodes
{
    private const long KeptOn = 60_000;

    public async ValueTask<string> AddAsync(string realmId, AuthorizationCode code, TimeSpan life, CancellationToken ct = default)
    {
        var text = $"{Ids.New()}.{code.UserSessionId}.{code.ClientId}";
        var now = time.GetUtcNow();
        var expires = now.Add(life).ToUnixTimeMilliseconds();
        var json = JsonSerializer.Serialize(code with { Given = now.ToUnixTimeMilliseconds(), Expires = expires }, CodesJson.Default.AuthorizationCode);
        await store.PutAsync(realmId, OneUseKinds.Code, text, json, expires + KeptOn, ct);
        return text;
    }

    public async ValueTask<AuthorizationCode?> TakeAsync(string realmId, string code, CancellationToken ct = default) =>
        await store.TakeAsync(realmId, OneUseKinds.Code, code, ct) is { } json
            ? JsonSerializer.Deserialize(json, CodesJson.Default.AuthorizationCode)
            : null;
}
