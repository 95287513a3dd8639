namespace Castellan.Server.Mail;

/// <summary>The mails that there are: which keys they are made of, and what is filled in.</summary>
public static class MailTexts
{
    public static MailText Test(MailWords words) => Write(words, "emailTest", words.RealmName);

    public static MailText ExecuteActions(MailWords words, string link, int seconds, IEnumerable<string> actions) => Write(
        words, "executeActions", link, seconds / 60, words.RealmName, string.Join(", ", actions.Select(a => words.Text($"requiredAction.{a}", []))), words.Duration(seconds));

    public static MailText Verification(MailWords words, string link, int seconds) => Write(words, "emailVerification", link, seconds / 60, words.RealmName, words.Duration(seconds));

    public static MailText PasswordReset(MailWords words, string link, int seconds) => Write(words, "passwordReset", link, seconds / 60, words.RealmName, words.Duration(seconds));

    public static MailText UpdateEmail(MailWords words, string link, int seconds, string newEmail) =>
        Write(words, "emailUpdateConfirmation", link, newEmail, words.RealmName, words.Duration(seconds));

    /// <param name="kind">The event as the keys have it: <c>LoginError</c>, <c>UpdateTotp</c>, …</param>
    /// <param name="credential">The type of the credential, where the mail names it.</param>
    public static MailText Event(MailWords words, string kind, DateTimeOffset at, string? ip, string? credential) => credential is null
        ? Write(words, $"event{kind}", words.Moment(at), ip)
        : Write(words, $"event{kind}", credential, words.Moment(at), ip);

    /// <summary>Somebody who signs in through an identity provider wants to link it.</summary>
    public static MailText LinkIdentityProvider(MailWords words, string provider, string username, string link, int seconds)
    {
        object?[] arguments = [provider, words.RealmName, username, link, seconds / 60, words.Duration(seconds)];
        return new MailText(OneLine(words.Text("identityProviderLinkSubject", [provider])), words.Text("identityProviderLinkBody", arguments), Html(words, "identityProviderLinkBodyHtml", arguments));
    }

    /// <summary>An invitation to an organization.</summary>
    public static MailText Invitation(MailWords words, string organization, string link, int seconds, string? firstName, string? lastName)
    {
        var key = firstName is not null && lastName is not null ? "orgInviteBodyPersonalized" : "orgInviteBody";
        object?[] arguments = [link, seconds / 60, words.RealmName, organization, words.Duration(seconds), firstName, lastName];
        return new MailText(OneLine(words.Text("orgInviteSubject", [organization])), words.Text(key, arguments), Html(words, key + "Html", arguments, indent: "    "));
    }

    private static MailText Write(MailWords words, string key, params object?[] arguments) => new(
        OneLine(words.Text(key + "Subject", [])), words.Text(key + "Body", arguments), Html(words, key + "BodyHtml", arguments));

    private static string Html(MailWords words, string key, object?[] arguments, string indent = "") =>
        $"<html lang=\"{words.Locale}\" dir=\"{(words.IsRightToLeft ? "rtl" : "ltr")}\">\n<body>\n{indent}{MailHtml.Clean(words.Text(key, arguments, System.Net.WebUtility.HtmlEncode!))}\n</body>\n</html>\n";

    /// <summary>A header is one line, whatever a name in it holds.</summary>
    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
