using System.Net;
using System.Net.Sockets;

namespace Castellan.Core.Outbound;

/// <summary>Addresses that lead back to this machine or its network segment, in every spelling: behind them lie services that trust whoever reaches them.</summary>
public static class OwnAddresses
{
    public static bool Contains(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return address.GetAddressBytes() is [0 or 127, ..] or [169, 254, ..] or [>= 224, ..];
        }

        return address.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6Multicast
            || (Embedded(address) is { } inner && Contains(inner));
    }

    /// <summary>The IPv4 address inside one of IPv6: mapped and compatible (RFC 4291 §2.5.5), translated (RFC 6052 §2.1), 6to4 (RFC 3056 §2).</summary>
    private static IPAddress? Embedded(IPAddress address) => address.GetAddressBytes() switch
    {
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, .. var mapped] => new(mapped),
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. var compatible] => new(compatible),
        [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0, .. var translated] => new(translated),
        [0x20, 0x02, var a, var b, var c, var d, ..] => new([a, b, c, d]),
        _ => null,
    };
}
