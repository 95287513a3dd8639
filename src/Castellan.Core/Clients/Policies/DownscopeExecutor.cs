using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>A token that a client brings is changed for one of no more scopes than it has itself.</summary>
internal sealed class DownscopeExecutor() : PolicyExecutor("downscope-assertion-grant-enforcer")
{
    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings)
    {
        if (!ForeignTokens.Has(occasion) || occasion["scope"] is not { } asked)
        {
            return null;
        }

        if (!ForeignTokens.Read(occasion).Ok(out var claims, out var refusal))
        {
            return refusal;
        }

        using (claims)
        {
            var held = Words(claims.Text("scope"));
            var more = Words(asked).Except(held, StringComparer.Ordinal).ToList();
            return more.Count == 0 ? null
                : new("invalid_scope", $"Scopes [{string.Join(", ", more)}] not present in the initial access token [{string.Join(", ", held)}]");
        }
    }

    private static string[] Words(string? text) => text?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
}
