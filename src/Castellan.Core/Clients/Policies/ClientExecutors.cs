using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>Clients ask people for consent.</summary>
internal sealed class ConsentRequiredExecutor() : PolicyExecutor("consent-required")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            occasion.Client.ConsentRequired = true;
        }

        return occasion.Client.ConsentRequired is true ? null : new("invalid_registration", "Client is required to enable consentRequired");
    }
}

/// <summary>Clients see only the roles in their scope.</summary>
internal sealed class FullScopeDisabledExecutor() : PolicyExecutor("full-scope-disabled")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        if (settings.Flag("auto-configure"))
        {
            occasion.Client.FullScopeAllowed = false;
        }

        // Left out, it would be on.
        return occasion.Client.FullScopeAllowed is not false ? new("invalid_registration", "Not permitted to enable fullScopeAllowed") : null;
    }
}

/// <summary>Only clients that can prove themselves.</summary>
internal sealed class ConfidentialClientExecutor() : PolicyExecutor("confidential-client")
{
    public override ProtocolError? Authorize(AuthorizationOccasion occasion, PolicySettings settings) => occasion.IsEarly ? null : Check(occasion);

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) => occasion.GrantType == "authorization_code" ? Check(occasion) : null;

    private static ProtocolError? Check(ClientRequestOccasion occasion) =>
        occasion.Requester.IsPublic ? new("invalid_client", "invalid client access type: public")
        : occasion.Requester.IsBearerOnly ? new("invalid_client", "invalid client access type: bearerOnly")
        : null;
}

/// <summary>Only some ways for clients to prove themselves.</summary>
internal sealed class ClientAuthenticatorExecutor() : PolicyExecutor("secure-client-authenticator")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        var client = occasion.Client;
        if (occasion.Asked.ClientAuthenticatorType is null && occasion.Existing is null && settings.Text("default-client-authenticator") is { } usual)
        {
            client.ClientAuthenticatorType = usual;
        }

        return client.PublicClient is true || client.BearerOnly is true || Allows(settings, client.ClientAuthenticatorType) ? null : Metadata("token_endpoint_auth_method");
    }

    public override ProtocolError? Token(TokenOccasion occasion, PolicySettings settings) => Check(occasion.Method, settings);

    public override ProtocolError? Enter(EndpointOccasion occasion, PolicySettings settings) => Check(occasion.Method, settings);

    private static ProtocolError? Check(string? method, PolicySettings settings) =>
        method is not null && !Allows(settings, method) ? Request("Configured client authentication method not allowed for client") : null;

    private static bool Allows(PolicySettings settings, string? method) => settings.Texts("allowed-client-authenticators").Contains(method);
}

/// <summary>Signatures by one of the algorithms that FAPI allows.</summary>
internal sealed class SignatureAlgorithmExecutor() : PolicyExecutor("secure-signature-algorithm")
{
    internal static readonly string[] Allowed = ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private const string OfAccessTokens = "access.token.signed.response.alg";

    // What is told of a person is signed for who asks for it alone: others expect JSON.
    private const string OfUserInfo = "user.info.response.signature.alg";

    private static readonly string[] s_attributes = [OfUserInfo, "request.object.signature.alg", "id.token.signed.response.alg", "token.endpoint.auth.signing.alg"];

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        var usual = settings.Text("default-algorithm") is { } given && Allowed.Contains(given) ? given : Allowed[0];
        var attributes = occasion.Client.Attributes ??= [];

        // The metadata by which clients describe themselves have no word for access tokens.
        foreach (var attribute in occasion.IsDynamic ? s_attributes : [.. s_attributes, OfAccessTokens])
        {
            if (string.IsNullOrEmpty(attributes.GetValueOrDefault(attribute)))
            {
                if (attribute != OfUserInfo)
                {
                    attributes[attribute] = usual;
                }
            }
            else if (!Allowed.Contains(attributes[attribute]))
            {
                return Request("not allowed signature algorithm.");
            }
        }

        return null;
    }
}

/// <summary>No logout through the browser.</summary>
internal sealed class LogoutExecutor() : PolicyExecutor("secure-logout")
{
    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings) =>
        (occasion.Client.FrontchannelLogout is true || !string.IsNullOrWhiteSpace(occasion.Client.Attributes?.GetValueOrDefault("frontchannel.logout.url")))
        && !settings.Flag("allow-front-channel-logout") ? new("invalid_registration", "Front-channel logout is not allowed for this client") : null;
}
