namespace Castellan.Core.Authorization.Evaluation.Policies;

/// <summary>The token was issued to one of these clients.</summary>
internal sealed class ClientPolicy : IPolicyRule
{
    public string Type => "client";

    public async ValueTask<bool?> HoldsAsync(Policy policy, PolicyContext context, Func<string, ValueTask<bool?>> decide, CancellationToken ct)
    {
        var asking = context.Claim("azp");
        foreach (var id in PolicyReferences.Texts(policy.Config("clients")))
        {
            if (asking is not null && await context.Clients.FindByIdAsync(context.Realm, id, ct) is { } client && client.ClientId == asking)
            {
                return true;
            }
        }

        return false;
    }
}
