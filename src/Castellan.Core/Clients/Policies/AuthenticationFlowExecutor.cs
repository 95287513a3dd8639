using System.Globalization;
using Castellan.Core.Login;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>People sign in by a flow of its own, which stands for a level of authentication.</summary>
internal sealed class AuthenticationFlowExecutor() : PolicyExecutor("auth-flow-enforcer")
{
    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings)
    {
        if (occasion.IsEarly || settings.Text("auth-flow-alias") is not { Length: > 0 } alias)
        {
            return null;
        }

        // Without the flow, the usual one would let people in by less than was demanded.
        if (Flows.Of(occasion.Realm).Find(alias) is null)
        {
            return new("server_error", "The authentication flow that a client policy demands does not exist", 500);
        }

        int? level = int.TryParse(settings.Text("auth-flow-loa"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        occasion.Request.DemandedFlow = new(alias, level);
        return null;
    }
}
