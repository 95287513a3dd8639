using System.Globalization;
using Castellan.Core.Clients;
using Castellan.Core.Realms;

namespace Castellan.Core.Ciba;

/// <summary>Who may have people asked on a device of theirs (OpenID CIBA Core 1.0), and how: the realm's attributes, and those of a client where it has its own.</summary>
public static class CibaPolicy
{
    public const string GrantType = "urn:openid:params:grant-type:ciba";

    /// <summary>How a client comes to its tokens (§5): it asks until they are there, or it is told when to ask.</summary>
    public const string Poll = "poll", Ping = "ping";

    /// <summary>What a client hears that may not.</summary>
    public const string NotAllowed = "Client not allowed OIDC CIBA Grant";

    /// <summary>Attributes of clients.</summary>
    public const string Switch = "oidc.ciba.grant.enabled";
    public const string ModeOfClient = "ciba.backchannel.token.delivery.mode";
    public const string NotificationEndpoint = "ciba.backchannel.client.notification.endpoint";
    public const string SigningAlgorithm = "ciba.backchannel.auth.request.signing.alg";
    private const int DefaultExpiry = 120;
    private const int DefaultInterval = 5;

    /// <summary>Whether the client may. §7.1: it proves itself, so a public one cannot; everybody knows its name and could have anybody's device ring.</summary>
    public static bool MayUseCiba(this Client client) => client.Flag(Switch) && client is { IsPublic: false, IsBearerOnly: false, Protocol: "openid-connect" };

    public static string CibaMode(this Client client, Realm realm) => client.Attribute(ModeOfClient) ?? realm.Attribute("cibaBackchannelTokenDeliveryMode") ?? Poll;

    /// <summary>Where a client of the mode <see cref="Ping"/> is told.</summary>
    public static string? CibaNotificationEndpoint(this Client client) => client.Attribute(NotificationEndpoint);

    /// <summary>The one algorithm by which the client signs its requests (§7.1.1).</summary>
    public static string? CibaSigningAlgorithm(this Client client) => client.Attribute(SigningAlgorithm);

    /// <summary>The life of a request, in seconds.</summary>
    public static int CibaExpiry(this Realm realm) => Number(realm, "cibaExpiresIn") ?? DefaultExpiry;

    /// <summary>The seconds between two polls.</summary>
    public static int CibaInterval(this Realm realm) => Number(realm, "cibaInterval") ?? DefaultInterval;

    /// <summary>By which of the three hints clients say whom they mean.</summary>
    public static string CibaHint(this Realm realm) => realm.Attribute("cibaAuthRequestedUserHint") ?? CibaAsked.LoginHint;

    private static int? Number(Realm realm, string name) =>
        int.TryParse(realm.Attribute(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
