namespace Castellan.Core.Events;

/// <summary>The names of events, as the admin API has them. Each also exists with <c>_ERROR</c> at its end.</summary>
public static class EventTypes
{
    public const string AuthreqidToToken = "AUTHREQID_TO_TOKEN";
    public const string ClientDelete = "CLIENT_DELETE";
    public const string ClientInfo = "CLIENT_INFO";
    public const string ClientInitiatedAccountLinking = "CLIENT_INITIATED_ACCOUNT_LINKING";
    public const string ClientLogin = "CLIENT_LOGIN";
    public const string ClientRegister = "CLIENT_REGISTER";
    public const string ClientUpdate = "CLIENT_UPDATE";
    public const string CodeToToken = "CODE_TO_TOKEN";
    public const string CustomRequiredAction = "CUSTOM_REQUIRED_ACTION";
    public const string DeleteAccount = "DELETE_ACCOUNT";
    public const string ExecuteActions = "EXECUTE_ACTIONS";
    public const string ExecuteActionToken = "EXECUTE_ACTION_TOKEN";
    public const string FederatedIdentityLink = "FEDERATED_IDENTITY_LINK";
    public const string FederatedIdentityOverrideLink = "FEDERATED_IDENTITY_OVERRIDE_LINK";
    public const string GrantConsent = "GRANT_CONSENT";
    public const string IdentityProviderFirstLogin = "IDENTITY_PROVIDER_FIRST_LOGIN";
    public const string IdentityProviderLinkAccount = "IDENTITY_PROVIDER_LINK_ACCOUNT";
    public const string IdentityProviderLogin = "IDENTITY_PROVIDER_LOGIN";
    public const string IdentityProviderPostLogin = "IDENTITY_PROVIDER_POST_LOGIN";
    public const string IdentityProviderResponse = "IDENTITY_PROVIDER_RESPONSE";
    public const string IdentityProviderRetrieveToken = "IDENTITY_PROVIDER_RETRIEVE_TOKEN";
    public const string Impersonate = "IMPERSONATE";
    public const string IntrospectToken = "INTROSPECT_TOKEN";
    public const string InvalidSignature = "INVALID_SIGNATURE";
    public const string InviteOrg = "INVITE_ORG";
    public const string JwtAuthorizationGrant = "JWT_AUTHORIZATION_GRANT";
    public const string Login = "LOGIN";
    public const string Logout = "LOGOUT";
    public const string OAuth2DeviceAuth = "OAUTH2_DEVICE_AUTH";
    public const string OAuth2DeviceCodeToToken = "OAUTH2_DEVICE_CODE_TO_TOKEN";
    public const string OAuth2DeviceVerifyUserCode = "OAUTH2_DEVICE_VERIFY_USER_CODE";
    public const string OAuth2ExtensionGrant = "OAUTH2_EXTENSION_GRANT";
    public const string PermissionToken = "PERMISSION_TOKEN";
    public const string PushedAuthorizationRequest = "PUSHED_AUTHORIZATION_REQUEST";
    public const string RefreshToken = "REFRESH_TOKEN";
    public const string Register = "REGISTER";
    public const string RegisterNode = "REGISTER_NODE";
    public const string RemoveCredential = "REMOVE_CREDENTIAL";
    public const string RemoveFederatedIdentity = "REMOVE_FEDERATED_IDENTITY";
    public const string RemoveTotp = "REMOVE_TOTP";
    public const string ResetPassword = "RESET_PASSWORD";
    public const string RestartAuthentication = "RESTART_AUTHENTICATION";
    public const string RevokeGrant = "REVOKE_GRANT";
    public const string SendIdentityProviderLink = "SEND_IDENTITY_PROVIDER_LINK";
    public const string SendResetPassword = "SEND_RESET_PASSWORD";
    public const string SendVerifyEmail = "SEND_VERIFY_EMAIL";
    public const string TokenExchange = "TOKEN_EXCHANGE";
    public const string UnregisterNode = "UNREGISTER_NODE";
    public const string UpdateConsent = "UPDATE_CONSENT";
    public const string UpdateCredential = "UPDATE_CREDENTIAL";
    public const string UpdateEmail = "UPDATE_EMAIL";
    public const string UpdatePassword = "UPDATE_PASSWORD";
    public const string UpdateProfile = "UPDATE_PROFILE";
    public const string UpdateTotp = "UPDATE_TOTP";
    public const string UserDisabledByPermanentLockout = "USER_DISABLED_BY_PERMANENT_LOCKOUT";
    public const string UserDisabledByTemporaryLockout = "USER_DISABLED_BY_TEMPORARY_LOCKOUT";
    public const string UserInfoRequest = "USER_INFO_REQUEST";
    public const string UserSessionDeleted = "USER_SESSION_DELETED";
    public const string ValidateAccessToken = "VALIDATE_ACCESS_TOKEN";
    public const string VerifiableCredentialCreateOffer = "VERIFIABLE_CREDENTIAL_CREATE_OFFER";
    public const string VerifiableCredentialNonceRequest = "VERIFIABLE_CREDENTIAL_NONCE_REQUEST";
    public const string VerifiableCredentialOfferRequest = "VERIFIABLE_CREDENTIAL_OFFER_REQUEST";
    public const string VerifiableCredentialPreAuthorizedGrant = "VERIFIABLE_CREDENTIAL_PRE_AUTHORIZED_GRANT";
    public const string VerifiableCredentialRequest = "VERIFIABLE_CREDENTIAL_REQUEST";
    public const string VerifyEmail = "VERIFY_EMAIL";
    public const string VerifyProfile = "VERIFY_PROFILE";

    /// <summary>Every name, by alphabet.</summary>
    public static readonly IReadOnlyList<string> All = WithErrors(
    [
        AuthreqidToToken, ClientDelete, ClientInfo, ClientInitiatedAccountLinking, ClientLogin, ClientRegister, ClientUpdate,
        CodeToToken, CustomRequiredAction, DeleteAccount, ExecuteActions, ExecuteActionToken, FederatedIdentityLink,
        FederatedIdentityOverrideLink, GrantConsent, IdentityProviderFirstLogin, IdentityProviderLinkAccount, IdentityProviderLogin,
        IdentityProviderPostLogin, IdentityProviderResponse, IdentityProviderRetrieveToken, Impersonate, IntrospectToken,
        InvalidSignature, InviteOrg, JwtAuthorizationGrant, Login, Logout, OAuth2DeviceAuth, OAuth2DeviceCodeToToken,
        OAuth2DeviceVerifyUserCode, OAuth2ExtensionGrant, PermissionToken, PushedAuthorizationRequest, RefreshToken, Register,
        RegisterNode, RemoveCredential, RemoveFederatedIdentity, RemoveTotp, ResetPassword, RestartAuthentication, RevokeGrant,
        SendIdentityProviderLink, SendResetPassword, SendVerifyEmail, TokenExchange, UnregisterNode, UpdateConsent, UpdateCredential,
        UpdateEmail, UpdatePassword, UpdateProfile, UpdateTotp, UserDisabledByPermanentLockout, UserDisabledByTemporaryLockout,
        UserInfoRequest, UserSessionDeleted, ValidateAccessToken, VerifiableCredentialCreateOffer, VerifiableCredentialNonceRequest,
        VerifiableCredentialOfferRequest, VerifiableCredentialPreAuthorizedGrant, VerifiableCredentialRequest, VerifyEmail,
        VerifyProfile,
    ]);

    /// <summary>What a realm keeps that names no types itself: all but the frequent and the noisy ones.</summary>
    public static readonly IReadOnlyList<string> Kept = [.. All.Except(WithErrors(
    [
        ClientInfo, IdentityProviderResponse, IdentityProviderRetrieveToken, IntrospectToken, InvalidSignature,
        PushedAuthorizationRequest, RefreshToken, RegisterNode, UnregisterNode, UserInfoRequest, UserSessionDeleted,
        ValidateAccessToken, VerifiableCredentialNonceRequest,
    ])).Except([Error(PermissionToken), Error(UserDisabledByPermanentLockout), Error(UserDisabledByTemporaryLockout)])];

    private static readonly HashSet<string> s_kept = [.. Kept];

    /// <summary>The name of the failure of an act.</summary>
    public static string Error(string type) => type + "_ERROR";

    /// <summary>Whether a realm that lists these types (none means <see cref="Kept"/>) keeps this one.</summary>
    public static bool IsKept(string type, List<string>? enabled) => enabled is { Count: > 0 } ? enabled.Contains(type) : s_kept.Contains(type);

    private static List<string> WithErrors(IEnumerable<string> types) => [.. types.SelectMany(t => new[] { t, Error(t) }).Order(StringComparer.Ordinal)];
}
