using Castellan.Core.Brokering;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Login.Steps.Broker;

/// <summary>Whoever comes by the provider of an organization belongs to it; who was made for the account belongs to it whole.</summary>
public sealed class AddOrganizationMemberStep(ProviderOrganizations organizations) : ILoginStep
{
    public string Id => "idp-add-organization-member";

    public bool NeedsUser => true;

    public async ValueTask<bool> IsConfiguredAsync(LoginContext context, User user) =>
        Arrival.Of(context) is var (provider, _) && await organizations.FindAsync(context.Realm, provider, context.Ct) is not null;

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (Arrival.Of(context) is var (provider, _) && await organizations.FindAsync(context.Realm, provider, context.Ct) is { } organization
            && !await organizations.IsMemberAsync(context.Realm, organization, context.User!.Id, context.Ct))
        {
            var managed = context.Tab.Note(LoginNotes.BrokerCreated) == context.User.Id;
            await context.Services.ApplyAsync(context.Realm, context.Ct, new PutOrganizationMember(organization.Id!, context.User.Id, managed));
        }

        return StepResult.Passed;
    }
}
