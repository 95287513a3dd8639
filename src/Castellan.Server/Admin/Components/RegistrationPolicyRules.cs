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
        "max-clients" => ComponentChecks.Required(policy, "max-clients", "Max Clients Per Realm") ?? ComponentChecks.Number<int>(policy, "max-clients", "Max Clients Per Realm"),
        "trusted-hosts" => Flag(policy, SenderMustMatch, "Host Sending Client Registration Request Must Match")
            ?? Flag(policy, AddressesMustMatch, "Client URIs Must Match")
            // A policy that checks neither would trust everybody.
            ?? (IsOn(policy, SenderMustMatch) || IsOn(policy, AddressesMustMatch) ? null : "At least one of hosts verification or client URIs validation must be enabled"),
        "allowed-client-templates" => policy.Config?.GetValueOrDefault("allowed-client-scopes") is { } scopes && !scopes.TrueForAll(s => s == "openid" || realm.FindScope(s) is not null)
            ? $"Client scopes not allowed: [{string.Join(", ", scopes)}]"
            : null,
        _ => null,
    };

    private static string? Flag(ComponentRepresentation policy, string setting, string label) =>
        ComponentChecks.Required(policy, setting, label) ?? ComponentChecks.Flag(policy, setting, label);

    private static bool IsOn(ComponentRepresentation policy, string setting) => policy.Config?.GetValueOrDefault(setting) is ["true"];
}
