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
            return new(AuthorizeRefusal.Redirect("unauthorized_client", Refused + "Standard flow is disabled for the client."));
        }

        return new((request.ResponseType & (ResponseType.Token | ResponseType.IdToken)) != 0 && !(client.ImplicitFlowEnabled ?? false)
            ? AuthorizeRefusal.Redirect("unauthorized_client", Refused + "Implicit flow is disabled for the client.")
            : null);
    }
}
