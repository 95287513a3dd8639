using System.Text.Json;
using Castellan.Core.Representations;
using Castellan.Server.Admin.ServerInfo;

namespace Castellan.Server.Admin.Authentication;

/// <summary>Settings of steps that are secrets, such as the key by which a CAPTCHA is checked: shown as stars, which sent back mean what is there.</summary>
internal static class StepSecrets
{
    // Settings belong to no kind of step by themselves, and may be shared by several: what is a secret of one kind is one wherever it stands.
    private static readonly Lazy<HashSet<string>> s_names = new(() =>
        [.. Authenticator.Kinds.SelectMany(Providers.OfType).SelectMany(e => e.GetProperty("properties").EnumerateArray()).Where(IsSecret).Select(p => p.GetProperty("name").GetString()!)]);

    public static AuthenticatorConfigRepresentation Masked(AuthenticatorConfigRepresentation config) => new()
    {
        Id = config.Id,
        Alias = config.Alias,
        Config = config.Config?.ToDictionary(c => c.Key, c => IsSecret(c.Key) && !string.IsNullOrEmpty(c.Value) ? Masks.Of(c.Value) : c.Value, StringComparer.Ordinal),
    };

    /// <summary>What is to be stored: without what is empty, and with the secrets that are there in place of stars.</summary>
    public static Dictionary<string, string?> Stored(Dictionary<string, string?>? given, Dictionary<string, string?>? existing) => (given ?? [])
        .Select(c => KeyValuePair.Create(c.Key, c.Value == Masks.Secret && IsSecret(c.Key) ? existing?.GetValueOrDefault(c.Key) : c.Value))
        .Where(c => !string.IsNullOrEmpty(c.Value)).ToDictionary(StringComparer.Ordinal);

    private static bool IsSecret(string name) => s_names.Value.Contains(name);

    private static bool IsSecret(JsonElement property) =>
        (property.TryGetProperty("secret", out var secret) && secret.ValueKind == JsonValueKind.True)
        || (property.TryGetProperty("type", out var type) && type.GetString() == "Password");
}
