using Castellan.Core.Brokering;
using Castellan.Core.Events;

namespace Castellan.Core.Login;

/// <summary>Events of people who come by an identity provider.</summary>
public static class BrokerEvents
{
    /// <summary>Names the provider and the account.</summary>
    public static LoginEvent Of(this LoginEvent happened, BrokeredIdentity identity, bool session = true) => happened
        .With("identity_provider", identity.Provider).With("identity_provider_identity", identity.Username)
        .With("identity_provider_broker_session_id", session ? identity.SessionId : null);

    /// <summary>A flow of a provider was gone through.</summary>
    public static ValueTask PassedAsync(LoginContext context)
    {
        if (context.Tab.Path != LoginPaths.FirstBrokerLogin)
        {
            return default;
        }

        var told = Copy(context, EventTypes.IdentityProviderFirstLogin);
        // Who it is counts from the moment on at which the account is linked; a mail has said so before.
        told.UserId = context.Tab.Note(LoginNotes.LinkConfirmed) is null ? null : context.User?.Id;
        return context.Services.Events.RecordAsync(context.Realm, told, context.Ct);
    }

    /// <summary>Another event with the details of the sign-in's own, without those that are left out.</summary>
    public static LoginEvent Copy(LoginContext context, string type, params ReadOnlySpan<string> without)
    {
        var told = context.Event.Beside(type, context.User?.Id);
        foreach (var name in without)
        {
            told.Details?.Remove(name);
        }

        return told;
    }
}
