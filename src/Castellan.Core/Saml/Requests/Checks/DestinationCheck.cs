using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Requests.Checks;

/// <summary>
/// The message was sent to this realm: a message that a provider signed for somebody else must not be of use here (SAML bindings §3.4.5.2, §3.5.5.2).
/// Without a signature anybody could have written the destination, so it may be left out.
/// </summary>
public sealed class DestinationCheck : ISamlCheck
{
    public ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct)
    {
        var destination = request.Message.Destination;
        if (destination is null)
        {
            return new(request.Received is { IsSigned: true, Binding: not SamlBinding.Soap } ? new SamlRefusal("invalid_request", SamlRefusal.InvalidRequest, "missing_required_destination") : null);
        }

        return new(IsFor(destination, request.Endpoint) ? null
            : new SamlRefusal(request.Message is AuthnRequest ? "invalid_authn_request" : "invalid_logout_request", SamlRefusal.InvalidRequest, "invalid_destination"));
    }

    /// <summary>Whether a destination is the address: scheme and host in any letters, the usual port named or not (RFC 3986 §6.2.2.1, §6.2.3), all else word by word.</summary>
    public static bool IsFor(string destination, string address) => destination == address || (Parts(destination) is { } parts && Parts(address) == parts);

    private static (string Origin, string Path)? Parts(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = start < 3 ? -1 : address.AsSpan(start).IndexOfAny("/?#@\\");
        return end > 0 && address[start + end] == '/' && Uri.TryCreate(address[..(start + end)], UriKind.Absolute, out var origin)
            ? (origin.GetComponents(UriComponents.SchemeAndServer | UriComponents.StrongPort, UriFormat.UriEscaped), address[(start + end)..]) : null;
    }
}
