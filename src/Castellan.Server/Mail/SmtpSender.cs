using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Castellan.Core.Vaults;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;
using MimeKit.Utils;

namespace Castellan.Server.Mail;

/// <summary>A mail in words: the same twice, once for readers of plain text.</summary>
public sealed record MailText(string Subject, string Text, string Html);

/// <summary>Sends mails through the server that a realm names.</summary>
public interface IMailSender
{
    /// <summary>Sends a mail; false, with the reason in the log, when the server did not take it.</summary>
    ValueTask<bool> SendAsync(SmtpSettings settings, string to, MailText mail, CancellationToken ct);
}

/// <summary>SMTP, by MailKit. A connection serves one mail: realms have servers of their own, and people are not sent many.</summary>
public sealed class SmtpSender(HttpClient http, IVault vault, TimeProvider time, ILogger<SmtpSender> log) : IMailSender
{
    private const int MaxTokenAnswer = 64 * 1024;

    public async ValueTask<bool> SendAsync(SmtpSettings settings, string to, MailText mail, CancellationToken ct)
    {
        try
        {
            using var message = Write(settings, to, mail);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(settings.ConnectTimeout + settings.Timeout);
            using var client = new SmtpClient { Timeout = (int)settings.Timeout.TotalMilliseconds, CheckCertificateRevocation = false };
            var security = settings.Ssl ? SecureSocketOptions.SslOnConnect : settings.StartTls ? SecureSocketOptions.StartTlsWhenAvailable : SecureSocketOptions.None;
            await client.ConnectAsync(settings.Host, settings.Port, security, limit.Token);
            if (settings.User is { } user)
            {
                SaslMechanism? mechanism = settings.Token is { } token ? new SaslMechanismOAuth2(user, await FetchAsync(settings, token, limit.Token)) : null;
                await (mechanism is null ? client.AuthenticateAsync(user, await SecretAsync(settings, settings.Password ?? "", limit.Token), limit.Token) : client.AuthenticateAsync(mechanism, limit.Token));
            }

            await client.SendAsync(message, MailboxAddress.Parse(settings.EnvelopeFrom ?? settings.From), message.To.Mailboxes, limit.Token);
            await client.DisconnectAsync(quit: true, limit.Token);
            return true;
        }
        catch (Exception failed) when (failed is ProtocolException or CommandException or AuthenticationException or ParseException or IOException or OperationCanceledException
            or System.Net.Sockets.SocketException or SslHandshakeException or NotSupportedException or HttpRequestException or JsonException or ArgumentException or InvalidOperationException)
        {
            ct.ThrowIfCancellationRequested();

            log.LogWarning(failed, "A mail could not be sent through {Host}:{Port}.", settings.Host, settings.Port);
            return false;
        }
    }

    private MimeMessage Write(SmtpSettings settings, string to, MailText mail)
    {
        var from = Address(settings.From, settings.FromDisplayName);
        var message = new MimeMessage
        {
            Subject = mail.Subject, Date = time.GetLocalNow(), MessageId = MimeUtils.GenerateMessageId(from.Domain is { Length: > 0 } domain ? domain : "localhost"),
            Body = new MultipartAlternative { Part("plain", mail.Text), Part("html", mail.Html) },
        };
        message.From.Add(from);
        message.ReplyTo.Add(settings.ReplyTo is { } reply ? Address(reply, settings.ReplyToDisplayName) : from);
        message.To.Add(MailboxAddress.Parse(to));
        return message;
    }

    private static TextPart Part(string subtype, string text)
    {
        var part = new TextPart(subtype) { ContentTransferEncoding = ContentEncoding.QuotedPrintable };
        part.SetText(Encoding.UTF8, text);
        part.ContentType.Charset = "UTF-8";
        return part;
    }

    private static MailboxAddress Address(string address, string? name)
    {
        var mailbox = MailboxAddress.Parse(address);
        if (!mailbox.Address.Contains('@', StringComparison.Ordinal))
        {
            throw new ArgumentException("The address has no domain.");
        }

        return name is null ? mailbox : new MailboxAddress(Encoding.UTF8, name, mailbox.Address);
    }

    private ValueTask<string> SecretAsync(SmtpSettings settings, string secret, CancellationToken ct) =>
        settings.Realm is { } realm ? vault.ResolveAsync(realm, secret, ct) : new(secret);

    private async ValueTask<string> FetchAsync(SmtpSettings settings, SmtpToken token, CancellationToken ct)
    {
        var secret = await SecretAsync(settings, token.ClientSecret, ct);
        var form = new List<KeyValuePair<string, string>> { new("grant_type", "client_credentials") };
        if (token.Scope is { } scope)
        {
            form.Add(new("scope", scope));
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, token.Url) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(token.ClientId)}:{Uri.EscapeDataString(secret)}")));
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        answer.EnsureSuccessStatusCode();
        await answer.Content.LoadIntoBufferAsync(MaxTokenAnswer, ct);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(ct));
        return json.RootElement.GetProperty("access_token").GetString() ?? throw new JsonException("The answer has no access token.");
    }
}
