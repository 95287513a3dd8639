using Castellan.Core.Realms;

namespace Castellan.Server.Mail;

/// <summary>Why a mail was not sent, in Keycloak's words: for events and administrators, not for whoever asked for the mail.</summary>
internal static class MailFailures
{
    public const string NotSent = "Error when attempting to send the email to the server. More information is available in the server log.";

    public const string NoSender = "Invalid sender address 'null'. If the address contains UTF-8 characters in the local part please ensure the SMTP server supports the SMTPUTF8 extension and enable 'Allow UTF-8' in the email realm configuration.";

    /// <summary>What is wrong with the settings of a realm that cannot send.</summary>
    public static string Of(Realm realm) => string.IsNullOrWhiteSpace(realm.Settings.SmtpServer?.GetValueOrDefault("from")) ? NoSender : NotSent;
}
