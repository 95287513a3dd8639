using Castellan.Core.Authorize;
using Castellan.Core.Ciba;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>Codes are bound by S256 (RFC 7636).</summary>
internal sealed class PkceExecutor() : PolicyExecutor("pkce-enforcer")
{
    private const string Attribute = "pkce.code.challenge.method";

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            (occasion.Client.Attributes ??= [])[Attribute] = "S256";
        }

        return occasion.Client.Attributes?.GetValueOrDefault(Attribute) == "S256" ? null : Metadata("code_challenge_method");
    }

    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) =>
        occasion.IsEarly ? null
        : occasion["code_challenge_method"] is not { } method ? Request("Missing parameter: code_challenge_method")
        : method != "S256" ? Request("Invalid parameter: invalid code_challenge_method")
        : occasion["code_challenge"] is null ? Request("Missing parameter: code_challenge")
        : null;

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) =>
        occasion.GrantType == "authorization_code" && occasion["code_verifier"] is null ? new("invalid_grant", "PKCE code verifier not specified") : null;
}

/// <summary>No tokens through the browser.</summary>
internal sealed class ImplicitGrantExecutor() : PolicyExecutor("reject-implicit-grant")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            occasion.Client.ImplicitFlowEnabled = false;
        }

        return occasion.Client.ImplicitFlowEnabled is true ? Metadata("implicit flow enabled") : null;
    }

    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) =>
        !occasion.IsEarly && (occasion.Request.ResponseType & (ResponseType.Token | ResponseType.IdToken)) != 0 ? Request("Implicit/Hybrid flow is prohibited.") : null;
}

/// <summary>No passwords through clients.</summary>
internal sealed class PasswordGrantExecutor() : PolicyExecutor("reject-ropc-grant")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            occasion.Client.DirectAccessGrantsEnabled = false;
        }

        return occasion.Client.DirectAccessGrantsEnabled is true ? Metadata("resource owner password credentials grant enabled") : null;
    }

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) =>
        occasion.GrantType == "password" ? new("invalid_grant", "resource owner password credentials grant is prohibited.") : null;
}

/// <summary>Nothing at all: clients neither come nor change.</summary>
internal sealed class RejectRequestExecutor() : PolicyExecutor("reject-request")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings) => Request("Request not allowed");

    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) => Request("Request not allowed");

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) => Request("Request not allowed");

    public override ProtocolError? Enter(EndpointOccasion occasion, PolicySettings settings) => Request("Request not allowed");
}

/// <summary>The answer is bound to the request: by a nonce with OpenID Connect, else by a state.</summary>
internal sealed class SessionExecutor() : PolicyExecutor("secure-session")
{
    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings)
    {
        if (occasion.IsEarly)
        {
            return null;
        }

        var needed = occasion.Request.List("scope").Contains("openid") ? "nonce" : "state";
        return occasion[needed] is null ? Request("Missing parameter: " + needed) : null;
    }
}

/// <summary>Only answers that are signed as a whole: a code with an ID token, or a code in a JWT.</summary>
internal sealed class ResponseTypeExecutor() : PolicyExecutor("secure-response-type")
{
    private const string Detached = "id.token.as.detached.signature";

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            (occasion.Client.Attributes ??= [])[Detached] = "true";
        }

        return occasion.Client.Attributes?.GetValueOrDefault(Detached) == "true" ? null : Metadata("ID Token as detached signature in disabled");
    }

    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings)
    {
        if (occasion.IsEarly)
        {
            return null;
        }

        var asked = occasion.Request.ResponseType;
        var isSigned = asked == (ResponseType.Code | ResponseType.IdToken)
            || (asked == (ResponseType.Code | ResponseType.IdToken | ResponseType.Token) && settings.Flag("allow-token-response-type"))
            || (asked == ResponseType.Code && string.Equals(occasion["response_mode"], "jwt", StringComparison.OrdinalIgnoreCase));
        return isSigned ? null : Request("invalid response_type");
    }
}

/// <summary>Nothing beside what was pushed (RFC 9126).</summary>
internal sealed class PushedContentExecutor() : PolicyExecutor("secure-par-content")
{
    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) =>
        !occasion.IsEarly || occasion.Request is { IsBeingPushed: true } or { IsResumed: true } ? null
        : occasion["request_uri"] is { } elsewhere && !occasion.Request.Pushed ? Request("PAR request_uri not included.")
        : !occasion.Request.Pushed ? Request("request_uri not included.")
        : occasion.Request.HasMoreThanPushed ? Request("PAR request did not include necessary parameters")
        : null;
}

/// <summary>Access tokens carry little.</summary>
internal sealed class LightweightTokenExecutor() : PolicyExecutor("use-lightweight-access-token")
{
    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings)
    {
        occasion.Lightweight = true;
        return null;
    }
}

/// <summary>Refresh tokens stay as they are.</summary>
internal sealed class RefreshRotationExecutor() : PolicyExecutor("suppress-refresh-token-rotation")
{
    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings)
    {
        occasion.KeepsRefreshToken = occasion.GrantType == "refresh_token";
        return null;
    }
}

/// <summary>Tokens are bound to a key (RFC 9449).</summary>
internal sealed class DPoPExecutor() : PolicyExecutor("dpop-bind-enforcer")
{
    private const string Attribute = "dpop.bound.access.tokens";

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            (occasion.Client.Attributes ??= [])[Attribute] = "true";
        }

        return occasion.Client.Attributes?.GetValueOrDefault(Attribute) == "true" ? null : Metadata("DPoP token in disabled");
    }

    /// <summary>RFC 9449 §10: a code that somebody else got hold of is no use without the key. A proof beside a pushed request counts, and is known when it is opened.</summary>
    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) =>
        !occasion.IsEarly && !occasion.Request.IsBeingPushed && settings.Flag("enforce-authorization-code-binding-to-dpop") && occasion["dpop_jkt"] is null ? Request("Missing parameter: dpop_jkt") : null;

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings)
    {
        // A client that binds its tokens by itself binds them all.
        occasion.BindsOnlyRefreshToken |= settings.Flag("allow-only-refresh-token-binding") && occasion.Requester is { IsPublic: true, BindsToKeys: false }
            && occasion.GrantType is "authorization_code" or "refresh_token";
        return occasion.GrantType is "authorization_code" or "refresh_token" or CibaPolicy.GrantType && !occasion.HasDPoPProof ? new("invalid_dpop_proof", "DPoP proof is missing") : null;
    }
}

/// <summary>Tokens are bound to a certificate (RFC 8705).</summary>
internal sealed class HolderOfKeyExecutor() : PolicyExecutor("holder-of-key-enforcer")
{
    private const string Attribute = "tls.client.certificate.bound.access.tokens";

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            (occasion.Client.Attributes ??= [])[Attribute] = "true";
        }

        return occasion.Client.Attributes?.GetValueOrDefault(Attribute) == "true" ? null : Metadata("MTLS token in disabled");
    }

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) =>
        occasion.GrantType is "authorization_code" or "client_credentials" or CibaPolicy.GrantType && !occasion.HasCertificate
            ? Request("Client Certification missing for MTLS HoK Token Binding")
            : null;
}
