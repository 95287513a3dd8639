namespace Castellan.Core.Login;

/// <summary>Passkeys on the pages that ask for a name or a password (WebAuthn conditional mediation), where the realm wants them.</summary>
public sealed class Passkeys
{
    public bool IsEnabled(LoginContext context) => context.Realm.Settings.WebAuthnPolicyPasswordlessPasskeysEnabled ?? false;

    /// <summary>Whether the form carries the answer of an authenticator instead of what was typed.</summary>
    public bool IsAnswer(LoginContext context, LoginForm form) => IsEnabled(context) && (form["clientDataJSON"] is { Length: > 0 } || form["error"] is { Length: > 0 });

    /// <summary>What the page asks the browser's authenticators; null when the realm has no passkeys.</summary>
    public ValueTask<PasskeyRequest?> RequestAsync(LoginContext context) => new((PasskeyRequest?)null);

    /// <summary>Takes an authenticator's answer: null when it proves the person, else what was wrong.</summary>
    public ValueTask<LoginMessage?> AnswerAsync(LoginContext context, LoginForm form) => new(LoginMessage.Error("webauthn-error-auth-verification"));
}
