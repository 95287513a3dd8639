using Castellan.Core.Brokering;
using Castellan.Core.Login.Actions;

namespace Castellan.Core.Login.Steps.Broker;

/// <summary>A new person for the account, unless somebody here has its address or name already.</summary>
public sealed class CreateUserStep(BrokeredUsers users) : ILoginStep
{
    public string Id => "idp-create-user-if-unique";

    public async ValueTask<StepResult> BeginAsync(LoginContext context)
    {
        if (Arrival.Of(context) is not var (provider, identity))
        {
            return StepResult.Attempted;
        }

        var existing = await ExistingUser.FindAsync(context, identity);
        if (existing is null)
        {
            string[] actions = context.Execution!.Flag("require.password.update.after.registration") ? [UpdatePassword.Id] : [];
            if (BrokeredUsers.NameOf(context.Realm, identity).Length > 0 && await users.CreateAsync(context, provider, identity, actions) is { } created)
            {
                // Mappers may have left notes for the session with the account.
                Arrival.Keep(context, identity);
                context.Identify(created);
                context.Tab.SetNote(LoginNotes.BrokerCreated, created.Id);
                return StepResult.Passed;
            }

            // Somebody took the name or address between the look and the write.
            existing = await ExistingUser.FindAsync(context, identity);
        }

        ExistingUser.Note(context, existing);
        if (existing is null || !context.Execution!.IsRequired)
        {
            return StepResult.Attempted;
        }

        context.Event.With($"existing_{existing.Field}", existing.Value).Details!.Remove("auth_method");
        context.Event.UserId = existing.UserId;
        return StepResult.Fail(FlowError.AccountExists, new ErrorPage(409, "federatedIdentityExistsMessage", existing.Field, existing.Value));
    }
}
