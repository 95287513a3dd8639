using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.Components;

/// <summary>What policies of client registration must say.</summary>
internal static class RegistrationPolicyRules
{
    private const string SenderMustMatch = "host-sending-registration-request-must-match";
    private const string AddressesMustMatch = "client-uris-must-match";

    /// <summary>What is wrong with a policy, or null.</summary>
    public static string? Refuse(Realm realm, ComponentRepresentation policy) => policy.ProviderId switch
    {
        "max-clients" => Single(policy, "max-clients", "Max Clients Per Realm")
            ?? (int.TryParse(Value(policy, "max-clients"), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out _)
                ? null
                : "'Max Clients Per Realm' should be a number"),
        "trusted-hosts" => Flag(policy, SenderMustMatch, "Host Sending Client Registration Request Must Match")
            ?? Flag(policy, AddressesMustMatch, "Client URIs Must Match")
            // A policy that checks neither would trust everybody.
            ?? (Value(policy, SenderMustMatch) == "true" || Value(policy, AddressesMustMatch) == "true"
                ? null
                : "At least one of hosts verification or client URIs validation must be enabled"),
        "allowed-client-templates" => policy.Config?.GetValueOrDefault("allowed-client-scopes") is { } scopes && !scopes.TrueForAll(s => s == "openid" || realm.FindScope(s) is not null)
            ? $"Client scopes not allowed: [{string.Join(", ", scopes)}]"
            : null,
        _ => null,
    };

    private static string? Value(ComponentRepresentation policy, string setting) => policy.Config?.GetValueOrDefault(setting) is [var value, ..] ? value : null;

    private static string? Single(ComponentRepresentation policy, string setting, string label) => policy.Config?.GetValueOrDefault(setting) switch
    {
        null or [] => $"'{label}' is required",
        [_] => null,
        _ => $"'{label}' should be a single entry",
    };

    private static string? Flag(ComponentRepresentation policy, string setting, string label) => Single(policy, setting, label)
        ?? (Value(policy, setting) is "true" or "false" ? null : $"'{label}' should be 'true' or 'false'");
}
