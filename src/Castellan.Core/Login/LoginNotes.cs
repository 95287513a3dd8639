namespace Castellan.Core.Login;

/// <summary>Names of the notes that the parts of a sign-in leave for one another and for the token mappers. Where Keycloak has a name, it is that.</summary>
public static class LoginNotes
{
    /// <summary>User session: when the person last proved who they are, in seconds. The claim <c>auth_time</c>.</summary>
    public const string AuthTime = "AUTH_TIME";

    /// <summary>Client session: whether the cookie alone was enough this time (<c>acr</c> is then 0).</summary>
    public const string SsoAuth = "SSO_AUTH";

    /// <summary>Client session: the session began with this client's wish to stay offline. Once it does, nobody needs the session itself.</summary>
    public const string BegunForOffline = "first.offline.access";

    /// <summary>Client session: the level of this sign-in, from <c>conditional-level-of-authentication</c>.</summary>
    public const string Level = "level-of-authentication";

    /// <summary>User session: a JSON object of levels with the seconds at which each was reached.</summary>
    public const string Levels = "loa-map";

    /// <summary>User session: what was used to sign in, as JSON: execution, reference (for <c>amr</c>) and time.</summary>
    public const string AuthenticatorsCompleted = "authenticators-completed";

    /// <summary>Client notes beside the parameters of the request that began it; what <see cref="OfTheServer"/> lists no request can set.</summary>
    public const string RequestedLevel = "requested-level-of-authentication";
    public const string ForcedLevel = "force-level-of-authentication";
    public const string PushedReference = "pushed-authorization-request";

    /// <summary>Client note: the token of the invitation that the person came by; verified when the sign-in began, and again when they register.</summary>
    public const string Invitation = "organization-invitation";

    /// <summary>With which part the application began, where that was not the sign-in itself: a start from the beginning leads there again.</summary>
    public const string BegunWith = "app-initiated-flow";

    /// <summary>The session that the browser had when it began.</summary>
    public const string Beside = "beside-session";

    /// <summary>The key of the device's request that the person signs in for.</summary>
    public const string Device = "device-authorization";

    /// <summary>By which protocol the client asked, where that is not OpenID Connect.</summary>
    public const string Protocol = "sign-in-protocol";

    /// <summary>The client wants the person to prove themselves whatever session there is, and says so by other means than <c>prompt</c>.</summary>
    public const string ProveAnew = "prove-anew";

    /// <summary>A session counts for the wanted level only where it proved one, be it the lowest.</summary>
    public const string LevelByProof = "level-by-proof";

    /// <summary>Who the client believes is signed in, as it knows them.</summary>
    public const string HintedSubject = "hinted-subject";

    /// <summary>The flow that a client policy demands, and the level that it stands for.</summary>
    public const string DemandedFlow = "demanded-flow", DemandedFlowLevel = "demanded-flow-level";

    public static IReadOnlyList<string> OfTheServer { get; } =
    [
        RequestedLevel, ForcedLevel, PushedReference, Invitation, BegunWith, Beside, Device, Protocol, ProveAnew, LevelByProof, DemandedFlow, DemandedFlowLevel, HintedSubject, .. Saml.Requests.SamlNotes.All,
    ];

    /// <summary>Tab: what the login form was filled in with.</summary>
    public const string AttemptedUsername = "ATTEMPTED_USERNAME";

    /// <summary>Tab: the session of the browser that is enough once the person has chosen an organization.</summary>
    public const string SsoPending = "sso-pending";
    public const string RememberMe = "remember_me";

    /// <summary>Tab: another one waits for the link of a mail. A session is not enough here: the person sees that the mail is under way.</summary>
    public const string Forked = "forked.from";

    /// <summary>Tab: somebody who is locked out tried a second factor.</summary>
    public const string SessionInvalid = "SESSION_INVALID";
    public const string LoginHint = "login_hint";
    public const string ForcedReauthentication = "FORCED_REAUTHENTICATION";
    public const string ForwardedInfo = "forwardedInfoMessage";
    public const string ForwardedError = "forwardedErrorMessage";
    public const string ForwardedSuccess = "forwardedSuccessMessage";
    public const string LevelNow = "level-now";
    public const string Selected = "authentication-selector";

    /// <summary>Tab: the person asked for the ways to sign in, and sees them until they take one.</summary>
    public const string Choosing = "authentication-selector-shown";
    public const string CredentialsUsed = "credentials-used";
    /// <summary>Tab: the action token that the sign-in goes by and that it takes with its first form; the person whom the token proved.</summary>
    public const string ActionToken = "action-token";
    public const string ActionTokenUser = "ACTION_TOKEN_USER";
    public const string EndAfterActions = "END_AFTER_REQUIRED_ACTIONS";
    public const string KcAction = "kc_action";
    public const string KcActionExecuting = "kc_action_executing";
    public const string KcActionStatus = "kc_action_status";

    /// <summary>Tab: the action whose page was answered last, asked for by the application or not.</summary>
    public const string LastAction = "last.processed.execution";
    public const string KcActionParameter = "kc_action_parameter";
    public const string ActionsDone = "required-actions-done";
    public const string ConsentAnswered = "consent-answered";
    public const string ResetPassword = "reset-password-flow";

    /// <summary>Tab: which password the link to set it anew was sent for; gone once it is set.</summary>
    public const string ResetOf = "reset-of";

    /// <summary>Tab: the account at an identity provider that the sign-in came by, as JSON; the person here who has its address or name.</summary>
    public const string Brokered = "BROKERED_CONTEXT";
    public const string ExistingUser = "EXISTING_USER_INFO";

    /// <summary>Tab: the person made for the account in this sign-in; that the profile is to be looked through; whose mailbox confirmed the link.</summary>
    public const string BrokerCreated = "BROKER_REGISTERED_NEW_USER";
    public const string EnforceReview = "ENFORCE_UPDATE_PROFILE";

    public const string LinkConfirmed = "link-confirmed";

    /// <summary>Tab: the person who reviewed the profile changed the name or address that the provider had said.</summary>
    public const string ReviewChanged = "review-changed";

    /// <summary>
    /// Tab: the account that waits to be linked, as JSON, while the person proves themselves by another provider; that provider and the account's name
    /// there, where nobody here has it.
    /// </summary>
    public const string BrokeredBefore = "NESTED_FIRST_BROKER_WAITS";
    public const string NestedBroker = "NESTED_FIRST_BROKER_CONTEXT";

    /// <summary>Tab: who confirmed that the account takes the place of another of the same provider.</summary>
    public const string OverrideLink = "OVERRIDE_LINK";

    /// <summary>Tab: the name that was given on a page of its own and belongs to nobody; the next page does not say so.</summary>
    public const string NamedUsername = "named-username";

    /// <summary>Tab: the id of the organization that the person chose to sign in for.</summary>
    public const string OrganizationChosen = "kc.org";

    /// <summary>Tab: the id of the organization that the person who was named belongs to, as far as that can be told.</summary>
    public const string OrganizationFound = "organization-found";

    /// <summary>Tab: which flow of a provider is through, so that the sign-in may go on behind it.</summary>
    public const string BrokerPassed = "broker-flow-passed";

    /// <summary>User session: by which protocol it began, where that is not OpenID Connect.</summary>
    public const string AuthMethod = "auth-method";

    /// <summary>User session: the provider that the person came by, the account's name there, its ID token.</summary>
    public const string IdentityProvider = "identity_provider";
    public const string IdentityProviderIdentity = "identity_provider_identity";
    public const string FederatedIdToken = "FEDERATED_ID_TOKEN";

    /// <summary>User session: the provider's other tokens, and the second at which they run out (<c>0</c> where it did not say); mappers may hand them on.</summary>
    public const string FederatedAccessToken = "FEDERATED_ACCESS_TOKEN";
    public const string FederatedRefreshToken = "FEDERATED_REFRESH_TOKEN";
    public const string FederatedExpiration = "FEDERATED_TOKEN_EXPIRATION";

    /// <summary>Tab: when the person proved themselves at the provider, in seconds, where it was asked how long ago that may be.</summary>
    public const string BrokerAuthTime = "AUTH_TIME_BROKER";

    /// <summary>Tab: what the session will be found by when the provider ends its own.</summary>
    public const string BrokerSessionId = "BROKER_SESSION_ID";
    public const string BrokerUserId = "BROKER_USER_ID";
}
