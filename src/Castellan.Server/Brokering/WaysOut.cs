using Castellan.Core.Brokering;
using Castellan.Core.Login;
using Castellan.Server.Pages;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Brokering;

/// <summary>The ways to providers, from wherever in a sign-in they begin.</summary>
internal static class WaysOut
{
    /// <summary>The address to send the browser to; null when the provider has none. The tab remembers what was asked and wants to be saved.</summary>
    /// <param name="action">Whether a person who is known goes there to link an account.</param>
    public static ValueTask<string?> BeginAsync(this UpstreamDoor door, HttpContext http, LoginContext context, IdentityProvider provider, bool action = false) =>
        door.BeginAsync(
            context, provider, BrokerEndpoints.ReturnAddress(context.Request.Issuer, provider),
            Locales.Choose(http, context.Realm, context.Tab.Note("kc_locale"), context.Tab.ClientNote("ui_locales"), action ? context.User : null), action);
}
