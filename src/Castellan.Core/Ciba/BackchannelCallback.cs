using System.Text;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Ciba;

/// <summary>What a device came back with.</summary>
/// <param name="Token">The token that it was given with the request; null for none.</param>
/// <param name="Body">How the person decided, as JSON.</param>
/// <param name="Event">What the endpoint records once it says that something failed.</param>
public sealed record BackchannelDecision(Realm Realm, string? Token, byte[] Body, string Issuer, LoginEvent Event);

/// <summary>A device says how its person decided. Its token counts once; whoever brings it again takes away what it was used for.</summary>
public sealed class BackchannelCallback(CibaRequests requests, IClients clients, IUserStore users, IFetch fetch, TimeProvider time)
{
    private const string Succeed = "SUCCEED", Cancelled = "CANCELLED", Unauthorized = "UNAUTHORIZED";
    private static readonly ProtocolError s_invalid = new("invalid_token", "Invalid token", 403);

    /// <summary>Null when it is done.</summary>
    public async ValueTask<ProtocolError?> TakeAsync(BackchannelDecision decision, CancellationToken ct = default)
    {
        var (realm, happened) = (decision.Realm, decision.Event);
        if (decision.Token is not { } text)
        {
            return s_invalid with { Status = 401 };
        }

        if (ChannelTokens.Read(realm, text, decision.Issuer, time.GetUtcNow().ToUnixTimeSeconds()) is not var (secret, clientId))
        {
            happened.Failed("invalid_token");
            return s_invalid;
        }

        if (await requests.FindByDeviceAsync(realm.Id, secret, ct) is not var (key, asked) || requests.IsOver(asked))
        {
            return s_invalid;
        }

        if (asked.Decision != DeviceDecision.Pending)
        {
            await requests.ForgetAsync(realm.Id, key, secret, ct);
            return s_invalid;
        }

        if (await clients.FindAsync(realm, clientId, ct) is not { Enabled: true } client)
        {
            return Invalid("Invalid token recipient");
        }

        if (asked.ClientId != client.Id)
        {
            return Invalid("Token recipient mismatch");
        }

        happened.ClientId = client.ClientId;
        var (status, answered) = Read(decision.Body);
        if (status is null)
        {
            happened.Failed("invalid_request");
            return Invalid("Invalid authentication status");
        }

        // The device may hang up from here on: what is decided is decided, and its client is told.
        var user = await users.FindAsync(realm.Id, asked.UserId, ct);
        if (Revocation.Concerns(asked.Created, client, user) || !await requests.DecideAsync(realm.Id, key, status == Succeed, answered, CancellationToken.None))
        {
            // Decided meanwhile, or revoked by an administrator.
            await requests.ForgetAsync(realm.Id, key, secret, CancellationToken.None);
            return s_invalid;
        }

        if (status != Succeed)
        {
            happened.Failed(status == Cancelled ? "not_allowed" : "consent_denied");
        }

        return client.CibaMode(realm) == CibaPolicy.Ping ? await TellAsync(client, asked, secret, happened) : null;
    }

    /// <summary>Tells the client that it may ask now (§10.2): once, and wherever else it is sent to, not there.</summary>
    private async ValueTask<ProtocolError?> TellAsync(Client client, CibaRequest asked, string secret, LoginEvent happened)
    {
        if (client.CibaNotificationEndpoint() is not { } address)
        {
            happened.Failed("invalid_request");
            return Invalid("Client notification endpoint not set for the client with the ping mode");
        }

        // Without a notice the request was made while the client was still in the other mode: it asks by itself.
        if (asked.Notice is null || Notice.Open(asked.Notice, secret) is not { } notice)
        {
            return null;
        }

        var body = Encoding.UTF8.GetBytes($$"""{"auth_req_id":"{{notice.AuthReqId}}"}""");
        if (await fetch.SendAsync(new FetchRequest(address, Authorization: "Bearer " + notice.Token, Body: FetchBody.Json(body)), CancellationToken.None) is { Status: 200 or 204 })
        {
            return null;
        }

        happened.Failed("invalid_request");
        return Invalid("Failed to send request to client notification endpoint");
    }

    /// <summary>The decision, null for none that there is; and what else the device said, as text.</summary>
    private static (string? Status, Dictionary<string, string> Answered) Read(byte[] body)
    {
        var answered = new Dictionary<string, string>(StringComparer.Ordinal);
        string? status = null;
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (null, answered);
            }

            foreach (var member in json.RootElement.EnumerateObject())
            {
                var value = member.Value.ValueKind switch
                {
                    JsonValueKind.String => member.Value.GetString(),
                    JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => member.Value.GetRawText(),
                    _ => null,
                };
                if (member.Name == "status")
                {
                    status = value;
                }
                else if (value is not null)
                {
                    answered[member.Name] = value;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, answered);
        }

        return (status is Succeed or Cancelled or Unauthorized ? status : null, answered);
    }

    private static ProtocolError Invalid(string description) => new("invalid_request", description);
}
