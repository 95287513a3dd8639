using Castellan.Core.Realms;

namespace Castellan.Server.Mail;

/// <summary>Why a mail was not sent, in Keycloak's words: for events and administrators, not for whoever asked for the mail.</summary>
internal static class MailFailures
{
    public const string NotSent = "Error when attempting to send the email to the server. More information is available in the server log.";

    public const string NoSender = Core.Realms.Import.Refusals.NoSender;

    /// <summary>What is wrong with the settings of a realm that cannot send.</summary>
    public static string Of(Realm realm) => string.IsNullOrWhiteSpace(realm.Settings.SmtpServer?.GetValueOrDefault("from")) ? NoSender : NotSent;
}
