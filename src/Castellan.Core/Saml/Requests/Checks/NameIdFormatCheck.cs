using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Requests.Checks;

/// <summary>The kind of name that is asked for exists. A client whose kind is fixed may ask for whatever it likes.</summary>
public sealed class NameIdFormatCheck : ISamlCheck
{
    /// <summary>Fixes the kind of names that the client gets, whatever requests say.</summary>
    public const string Forced = "saml_force_name_id_format";

    public ValueTask<SamlRefusal?> CheckAsync(SamlRequest request, CancellationToken ct) => new(
        ((AuthnRequest)request.Message).NameIdFormat is not { } format || request.Client.Flag(Forced) || SamlNames.NameIdFormats.Any(f => f.Format == format) ? null
            : new SamlRefusal("invalid_authn_request", "unsupportedNameIdFormatMessage", "unsupported_nameid_format"));
}
