using Castellan.Core.Brokering;

namespace Castellan.Core.Login.Steps.Broker;

/// <summary>Only accounts of people who are here already get any further.</summary>
public sealed class DetectExistingStep : ILoginStep
{
    public string Id => "idp-detect-existing-broker-user";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (Arrival.Of(context) is not var (provider, identity))
        {
            return StepResult.Attempted;
        }

        if (await ExistingUser.FindAsync(context, identity) is not { } existing)
        {
            context.Event.With("authenticator", "DetectExistingBrokerUser").Details!.Remove("auth_method");
            return StepResult.Fail(FlowError.NoAccount, new ErrorPage(401, "federatedIdentityUnavailableMessage", BrokeredUsers.NameOf(context.Realm, identity), provider.Alias));
        }

        ExistingUser.Note(context, existing);
        return StepResult.Passed;
    }
}
