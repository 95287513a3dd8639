using System.Text.Json;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>A token that a client brings has a claim, and its value is one that is allowed. A claim that must have a value is a text or a number.</summary>
internal sealed class JwtClaimExecutor() : PolicyExecutor("jwt-claim-enforcer")
{
    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings)
    {
        if (!ForeignTokens.Has(occasion))
        {
            return null;
        }

        if (settings.Text("claim-name") is not { } name)
        {
            return Request("Invalid configuration");
        }

        if (!ForeignTokens.Read(occasion).Ok(out var claims, out var refusal))
        {
            return refusal;
        }

        using (claims)
        {
            return !claims.Root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? Request($"Required claim '{name}' is missing from the token")
                : settings.Text("allowed-value") is not { } allowed || string.IsNullOrWhiteSpace(allowed) ? null
                : value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number) ? Request($"Value type for claim '{name}' not allowed")
                : Patterns.Read(allowed)?.IsMatch(value.ToString()) == true ? null : Request($"Value for claim '{name}' not allowed");
        }
    }
}
