namespace Castellan.Core.Authorize.Checks;

/// <summary>The client may use the flow that the response type stands for; a hybrid one needs both.</summary>
public sealed class FlowCheck : IAuthorizeCheck
{
    private const string Refused = "Client is not allowed to initiate browser login with given response_type. ";

    public ValueTask<AuthorizeRefusal?> CheckAsync(AuthorizeRequest request, CancellationToken ct)
    {
        var client = request.Client.Representation;
        if ((request.ResponseType.HasFlag(ResponseType.Code) || request.ResponseType == ResponseType.None) && !(client.StandardFlowEnabled ?? true))
        {
            return Refuse(Refused + "Standard flow is disabled for the client.");
        }

        if (!ResponseTypes.IsFront(request.ResponseType))
        {
            return default;
        }

        return !(client.ImplicitFlowEnabled ?? false) ? Refuse(Refused + "Implicit flow is disabled for the client.")
            // RFC 9449: there is no request of the client's own that a proof could come with.
            : request.Client.BindsToKeys ? Refuse("DPoP is not supported for implicit and hybrid flows. Client requires DPoP bound access tokens.")
            : default;
    }

    private static ValueTask<AuthorizeRefusal?> Refuse(string why)
    {
        return new(AuthorizeRefusal.Redirect("unauthorized_client", why, pushStatus: 401));
    }
}
