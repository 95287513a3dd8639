using System.Globalization;
using Castellan.Core.Realms;

namespace Castellan.Server.Mail;

/// <summary>How a realm sends mail: <c>smtpServer</c>, read. Without a host it is this machine.</summary>
public sealed record SmtpSettings
{
    public string Host { get; init; } = "localhost";

    public int Port { get; init; }

    public required string From { get; init; }

    public string? FromDisplayName { get; init; }

    public string? ReplyTo { get; init; }

    public string? ReplyToDisplayName { get; init; }

    /// <summary>Where mails that cannot be delivered go back to; stands in the envelope only.</summary>
    public string? EnvelopeFrom { get; init; }

    public bool Ssl { get; init; }

    public bool StartTls { get; init; }

    public string? User { get; init; }

    /// <summary>The password, or the reference to one in the vault.</summary>
    public string? Password { get; init; }

    /// <summary>The realm whose secrets they may refer to; null for none.</summary>
    public string? Realm { get; init; }

    /// <summary>The signing in by OAuth token: where it is fetched, as whom.</summary>
    public SmtpToken? Token { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads settings; null when no mail can be sent with them.</summary>
    public static SmtpSettings? Read(IReadOnlyDictionary<string, string?>? settings)
    {
        var port = 0;
        if (Text("from") is not { } from || (Text("port") is { } number && (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535)))
        {
            return null;
        }

        var ssl = Flag("ssl");
        var auth = Flag("auth");
        var byToken = auth && Text("authType") == "token";
        return new SmtpSettings
        {
            Host = Text("host") ?? "localhost", Port = port > 0 ? port : ssl ? 465 : 25, From = from, FromDisplayName = Text("fromDisplayName"), ReplyTo = Text("replyTo"),
            ReplyToDisplayName = Text("replyToDisplayName"), EnvelopeFrom = Text("envelopeFrom"), Ssl = ssl, StartTls = Flag("starttls"),
            User = auth ? Text("user") : null, Password = auth && !byToken ? Text("password") : null,
            Token = byToken && Text("authTokenUrl") is { } url ? new SmtpToken(url, Text("authTokenClientId") ?? "", Text("authTokenClientSecret") ?? "", Text("authTokenScope")) : null,
            ConnectTimeout = Milliseconds("connectionTimeout"), Timeout = Milliseconds("timeout"),
        };

        string? Text(string name) => settings?.GetValueOrDefault(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;

        bool Flag(string name) => string.Equals(Text(name), "true", StringComparison.OrdinalIgnoreCase);

        TimeSpan Milliseconds(string name) => int.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? TimeSpan.FromMilliseconds(Math.Clamp(ms, 100, 60_000)) : TimeSpan.FromSeconds(10);
    }

    public static SmtpSettings? Of(Realm realm) => Of(realm, realm.Settings.SmtpServer);

    /// <summary>Reads settings that a realm has, or is to have.</summary>
    public static SmtpSettings? Of(Realm realm, IReadOnlyDictionary<string, string?>? settings) => Read(settings) is { } read ? read with { Realm = realm.Name } : null;
}

/// <summary>Where a token for the mail server comes from (client credentials, RFC 6749 §4.4).</summary>
public sealed record SmtpToken(string Url, string ClientId, string ClientSecret, string? Scope);
