using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Login;

namespace Castellan.Core.Brokering;

/// <summary>
/// The <c>state</c> of a request to a provider: <c>{code}.{tab}.{client}.{data}</c>. The code is random and known to the browser's sign-in alone, which
/// remembers its hash; the rest only says where to look.
/// </summary>
/// <param name="ClientId">The internal id of the client that the person goes on to.</param>
/// <param name="Data">The client's address, should the sign-in be gone: base64url JSON of a <see cref="ReturnAddress"/>.</param>
public sealed record BrokerState(string Code, string TabId, string ClientId, string Data)
{
    private const int MaxLength = 8192;

    public static BrokerState For(Client client, AuthenticationTab tab, string code) => new(code, tab.TabId, client.Id, Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(
        new ReturnAddress(tab.RedirectUri, tab.ClientNote("response_type"), tab.ClientNote("response_mode"), tab.ClientNote("state")), LoginJson.Default.ReturnAddress)));

    /// <summary>Reads a state; null for a text that is none.</summary>
    public static BrokerState? Parse(string text)
    {
        if (text.Length is 0 or > MaxLength || text.Split('.') is not [{ Length: > 0 } code, { Length: > 0 and <= 64 } tab, { Length: > 0 } client, .. { Length: <= 1 } data])
        {
            return null;
        }

        return ClientIdOf(client) is { } id ? new(code, tab, id, data is [var address] ? address : "") : null;
    }

    public override string ToString() => $"{ToShortString()}.{Data}";

    /// <summary>Without the client's address: a RelayState has few bytes (SAML bindings §3.4.3).</summary>
    public string ToShortString() => $"{Code}.{TabId}.{Short(ClientId)}";

    // A UUID in its 16 bytes; any other id as text behind a mark that base64url does not have.
    private static string Short(string id) => Guid.TryParseExact(id, "D", out var guid)
        ? Base64Url.EncodeToString(guid.ToByteArray(bigEndian: true)) : "~" + Base64Url.EncodeToString(Encoding.UTF8.GetBytes(id));

    private static string? ClientIdOf(string text)
    {
        try
        {
            if (text[0] == '~')
            {
                return Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text.AsSpan(1)));
            }

            var bytes = Base64Url.DecodeFromChars(text);
            return bytes.Length == 16 ? new Guid(bytes, bigEndian: true).ToString() : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
