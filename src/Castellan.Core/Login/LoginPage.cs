namespace Castellan.Core.Login;

/// <summary>How a message to the person is meant.</summary>
public enum MessageKind
{
    Success, Info, Warning, Error,
}

/// <summary>A message to the person, by its key in the message files.</summary>
/// <param name="Field">The form field beside which it stands; null for the top of the page.</param>
public sealed record LoginMessage(MessageKind Kind, string Key, IReadOnlyList<object?>? Arguments = null, string? Field = null)
{
    public static LoginMessage Error(string key, params object?[] arguments) => new(MessageKind.Error, key, arguments);

    /// <summary>An error beside a field.</summary>
    public static LoginMessage At(string field, string key, params object?[] arguments) => new(MessageKind.Error, key, arguments, field);
}

/// <summary>A page as data: which one, what it must show. How it looks is not decided here.</summary>
/// <param name="Id">Keycloak's name of the page, without its theme type: <c>login</c>, <c>login-otp</c>, …</param>
public abstract record LoginPage(string Id)
{
    public IReadOnlyList<LoginMessage> Messages { get; init; } = [];

    public int Status { get; init; } = 200;

    /// <summary>Whether the page stands alone, even where the flow knows another way.</summary>
    public bool OnlyWay { get; init; }

    /// <summary>The page with a message more.</summary>
    public LoginPage With(LoginMessage? message) => message is null ? this : this with { Messages = [.. Messages, message] };
}

/// <summary>User name and password.</summary>
/// <param name="Reauthenticate">The person is known and only asked again: the name is shown, not asked.</param>
public sealed record UsernamePasswordPage(string? Username, bool Reauthenticate, bool RememberMe, PasskeyRequest? Passkey) : LoginPage("login")
{
    /// <summary>The password proves that an account of an identity provider is the person's: there is nobody else to sign in as here.</summary>
    public bool ForLink { get; init; }
}

public sealed record UsernamePage(string? Username, bool RememberMe, PasskeyRequest? Passkey) : LoginPage("login-username")
{
    /// <summary>The id of the organization whose providers are offered to an address that nobody here has.</summary>
    public string? Organization { get; init; }
}

/// <summary>For which of their organizations does the person sign in?</summary>
/// <param name="Organizations">Alias and name of each.</param>
public sealed record SelectOrganizationPage(IReadOnlyList<(string Alias, string Name)> Organizations) : LoginPage("select-organization");

public sealed record PasswordPage(PasskeyRequest? Passkey) : LoginPage("login-password");

/// <param name="Devices">Id and label of each device that gives codes.</param>
public sealed record OtpPage(IReadOnlyList<(string Id, string? Label)> Devices, string? Selected) : LoginPage("login-otp");

/// <summary>Which device goes?</summary>
/// <param name="Devices">Id and label of each device that gives codes.</param>
public sealed record ResetOtpPage(IReadOnlyList<(string Id, string? Label)> Devices) : LoginPage("login-reset-otp");

public sealed record RecoveryCodePage(int Number) : LoginPage("login-recovery-authn-code-input");

/// <summary>A request to an authenticator (WebAuthn §5.5).</summary>
public sealed record PasskeyRequest(
    string Challenge, string RpId, string UserVerification, int CreateTimeout, bool UserIdentified, string? Mediation,
    IReadOnlyList<PasskeyInfo> Keys, string? AuthenticatorAttachment);

/// <summary>A passkey that the person may use, to be shown by its label.</summary>
public sealed record PasskeyInfo(string CredentialId, string? Label, IReadOnlyList<string> Transports, long? Created);

public sealed record WebAuthnPage(PasskeyRequest Request) : LoginPage("webauthn-authenticate");

/// <summary>A passkey did not do; try again.</summary>
public sealed record WebAuthnErrorPage(string? Execution, bool AppInitiated) : LoginPage("webauthn-error");

/// <param name="Ways">Execution id and message keys of each way.</param>
public sealed record SelectWayPage(IReadOnlyList<(string Execution, string NameKey, string HelpKey)> Ways) : LoginPage("select-authenticator");

/// <summary>Something cannot be done; there may be a way back to the application.</summary>
public sealed record ErrorPage : LoginPage
{
    public ErrorPage(int status, string key, params object?[] arguments) : base("error") => (Status, Messages) = (status, [LoginMessage.Error(key, arguments)]);

    public bool SkipLink { get; init; }
}

/// <summary>The answer for an application that no browser leads back to: the person carries its code there, or learns of the error.</summary>
public sealed record CodePage(string? Code, string? Error) : LoginPage("code");

/// <summary>Something was done.</summary>
/// <param name="Actions">Required actions that come next, to be listed.</param>
public sealed record InfoPage(string Key, IReadOnlyList<object?>? Arguments = null) : LoginPage("info")
{
    /// <summary>What was meant to be done was not.</summary>
    public bool Failed { get; init; }

    public string? HeaderKey { get; init; }

    public IReadOnlyList<object?>? HeaderArguments { get; init; }

    public IReadOnlyList<string> Actions { get; init; } = [];

    public string? ActionUrl { get; init; }

    /// <summary>Where to go on; null for the client's own address, empty for nowhere.</summary>
    public string? BackUrl { get; init; }
}

/// <summary>Which code does your device show?</summary>
public sealed record DeviceCodePage(string ActionUrl) : LoginPage("login-oauth2-device-verify-user-code");

/// <summary>The page that was posted or opened belongs to an earlier part of the sign-in.</summary>
public sealed record PageExpiredPage() : LoginPage("login-page-expired");

/// <summary>May the client have this?</summary>
/// <param name="Scopes">Message key or text for each scope that is new.</param>
public sealed record ConsentPage(string Client, IReadOnlyList<string> Scopes, string Code) : LoginPage("login-oauth-grant")
{
    public string? LogoUri { get; init; }

    public string? PolicyUri { get; init; }

    public string? TosUri { get; init; }
}

public sealed record ResetPasswordPage(string? Username) : LoginPage("login-reset-password");

public sealed record LogoutConfirmPage(string ActionUrl, string Code, string? BackUrl) : LoginPage("logout-confirm");

/// <summary>Each client's own logout, in a frame.</summary>
public sealed record FrontchannelLogoutPage(IReadOnlyList<(string Client, string Url)> Clients, string? RedirectUri) : LoginPage("frontchannel-logout");

/// <summary>Parameters that go back to the client by a form that posts itself (OAuth 2.0 Form Post Response Mode).</summary>
public sealed record FormPostPage(string RedirectUri, IReadOnlyList<KeyValuePair<string, string>> Parameters) : LoginPage("")
{
    /// <summary>What the button is called among the parameters; null where it is none of them.</summary>
    public string? Button { get; init; } = "continue";
}

/// <summary>A message by SAML that goes to a service provider by a form that posts itself (SAML bindings §3.5.4).</summary>
public sealed record SamlPostPage(string Address, IReadOnlyList<KeyValuePair<string, string>> Parameters) : LoginPage("saml-post-form");
