using System.Globalization;
using Castellan.Core.Realms;

namespace Castellan.Core.Clients;

/// <summary>Whether a client's devices may ask people to sign in elsewhere (RFC 8628), for how long, and how often they may look.</summary>
public static class DeviceSettings
{
    private const int DefaultLifespan = 600;
    private const int DefaultInterval = 5;

    /// <summary>What a client hears that may not.</summary>
    public const string Disabled = "Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client.";

    public static bool MayUseDevices(this Client client) =>
        client.Flag("oauth2.device.authorization.grant.enabled") && !client.IsBearerOnly && client.Protocol == "openid-connect";

    /// <summary>The life of a request, in seconds.</summary>
    public static int DeviceCodeLifespan(this Client client, Realm realm) => Own(client, "oauth2.device.code.lifespan") ?? realm.Settings.Oauth2DeviceCodeLifespan ?? DefaultLifespan;

    /// <summary>The seconds between two polls.</summary>
    public static int DevicePollingInterval(this Client client, Realm realm) => Own(client, "oauth2.device.polling.interval") ?? realm.Settings.Oauth2DevicePollingInterval ?? DefaultInterval;

    private static int? Own(Client client, string name) =>
        int.TryParse(client.Attribute(name), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;
}
