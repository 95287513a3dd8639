using Castellan.Core.Brokering.Services;
using Castellan.Core.Login;

namespace Castellan.Core.Brokering;

/// <summary>Sends browsers to providers; a service that must be asked first is.</summary>
public sealed class UpstreamDoor(OpenShift openShift, Twitter twitter)
{
    /// <inheritdoc cref="UpstreamRequest.Begin"/>
    public async ValueTask<string?> BeginAsync(LoginContext context, IdentityProvider provider, string redirectUri, string locale, bool action = false) => provider.Kind switch
    {
        Twitter.Id => await twitter.BeginAsync(context, provider, redirectUri, action),
        OpenShift.Id => await openShift.LocateAsync(provider, context.Ct) is { } located ? UpstreamRequest.Begin(context, located, redirectUri, locale, action) : null,
        _ => UpstreamRequest.Begin(context, provider, redirectUri, locale, action),
    };
}
