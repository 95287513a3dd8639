using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Castellan.AspNetCore;

/// <summary>Asks a realm about a token (RFC 7662).</summary>
internal sealed class Introspector(CastellanIntrospection settings, HttpClient http, ILogger log)
{
    // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
    private readonly string _credentials = Convert.ToBase64String(
        Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(settings.ClientId)}:{Uri.EscapeDataString(settings.ClientSecret)}"));

    /// <summary>The answer's JSON; null when there is none. A refusal of our own credentials is no judgement on the token.</summary>
    public async ValueTask<byte[]?> AskAsync(Realm realm, Uri endpoint, byte[] token, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint)
        {
            // What was parsed as a token has no character that a form would need to escape.
            Content = new StringContent($"token={Encoding.ASCII.GetString(token)}&token_type_hint=access_token", Encoding.ASCII, "application/x-www-form-urlencoded"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", _credentials);
        try
        {
            using var response = await http.SendAsync(request, ct);
            if (response.IsSuccessStatusCode)
            {
                return await response.Content.ReadAsByteArrayAsync(ct);
            }

            Log.NotIntrospected(log, realm.Issuer, $"status {(int)response.StatusCode}. Are the id and the secret of the API's client right?");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            Log.NotIntrospected(log, realm.Issuer, e.Message);
        }

        return null;
    }
}
