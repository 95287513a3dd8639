using System.Globalization;
using System.Net;
using System.Text.Json;
using Castellan.Core.Brokering.Services;
using Castellan.Core.Keys;
using Castellan.Core.Login;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Jose;

namespace Castellan.Core.Brokering;

/// <summary>From a provider's code to the person whom it stands for.</summary>
public sealed class Upstream(UpstreamTokens tokens, UpstreamIdTokens idTokens, OpenShift openShift, Twitter twitter, IFetch fetch, IdentityMappers mappers, TimeProvider time)
{
    /// <summary>How many characters names, addresses and ids may have: those of people here have no more, and databases find them by an index.</summary>
    private const int Longest = 255;

    /// <summary>Who the provider says that it is; or why it is not believed, for the log.</summary>
    /// <param name="from">The address that the person's browser is at, for a provider that is to be told it.</param>
    public async ValueTask<Result<BrokeredIdentity>> IdentifyAsync(
        Realm realm, IdentityProvider provider, SentRequest sent, string code, string redirectUri, string? from, CancellationToken ct = default)
    {
        switch (provider.Kind)
        {
            case Twitter.Id:
                return (await twitter.IdentifyAsync(realm, provider, sent, code, ct)).Ok(out var person, out var declined)
                    ? Settle(realm, provider, person.Tokens, [person.Person], null) : declined;
            case OpenShift.Id when await openShift.LocateAsync(provider, ct) is { } located:
                provider = located;
                break;
        }

        if (!(await tokens.ExchangeAsync(realm, provider, code, redirectUri, sent.Verifier, ct)).Ok(out var answer, out var refusal))
        {
            return refusal;
        }

        var claims = new List<JsonElement>();
        string? subject = null, idToken = null;
        if (provider.HasIdToken)
        {
            if (answer.IdToken is not { } token)
            {
                return UpstreamRefusals.Upstream("The token endpoint gave no ID token.");
            }

            // OIDC Core §16.14: signed first, then encrypted. It is the signed one that is believed, kept, and later shown to the provider (§3.1.2.1, id_token_hint).
            idToken = RealmDecryption.Open(realm, token);
            if (idToken is null)
            {
                return UpstreamRefusals.Upstream("The ID token is encrypted, and not to a key of the realm.");
            }

            if (!(await idTokens.ReadAsync(provider, idToken, sent.Nonce, ct)).Ok(out var said, out refusal))
            {
                return refusal;
            }

            if (IsEssentialMissed(provider, said))
            {
                return new ProtocolError(UpstreamRefusals.EssentialClaim, Status: 502, Detail: "The essential claim does not fit.");
            }

            if (sent.MaxAge is { } age && IsTooOld(provider, said, age))
            {
                return UpstreamRefusals.Upstream("The person proved themselves too long ago, or nobody says when.");
            }

            subject = ClaimReader.Text(said, "sub");
            if ((provider.Kind == "keycloak-oidc" || provider.Flag("isAccessTokenJWT")) && await idTokens.ReadAccessTokenAsync(provider, answer.AccessToken, ct) is { } access
                && (ClaimReader.Text(access, "sub") ?? subject) == subject)
            {
                claims.Add(access);
            }

            claims.Add(said);
        }

        if (provider.UserInfoUrl is { } address)
        {
            if (provider.Kind == "google" && provider.Flag("userIp") && from is not null)
            {
                // Google then counts the request as the person's own, and not as one of many of ours.
                address += $"?userIp={Uri.EscapeDataString(from)}";
            }

            if (!(await UserInfoAsync(realm, provider, address, answer, ct)).Ok(out var info, out refusal))
            {
                return refusal;
            }

            // OIDC Core §5.3.2: an answer about somebody else must not be used.
            if (provider.HasIdToken && ClaimReader.Text(info, provider.Service?.Fields?.Id ?? "sub") != subject)
            {
                return UpstreamRefusals.Upstream("The user info is about somebody else than the ID token.");
            }

            claims.Add(info);
        }

        return Settle(realm, provider, answer, claims, idToken);
    }

    /// <summary>The account that the claims are about, measured and put into the shape that its mappers want.</summary>
    private Result<BrokeredIdentity> Settle(Realm realm, IdentityProvider provider, UpstreamTokenResponse answer, List<JsonElement> claims, string? idToken)
    {
        if (claims.Count == 0 || Person(provider, claims) is not { } identity)
        {
            return UpstreamRefusals.Upstream("The provider did not say who it is.");
        }

        if (provider.Kind == "google" && provider.Setting("hostedDomain") is { } domains && domains != "*"
            && !(ClaimReader.Find(identity, "hd") is [var hosted] && domains.Split(',', StringSplitOptions.TrimEntries).Contains(hosted)))
        {
            // The request's parameter is a wish only; what counts is what the token says.
            return UpstreamRefusals.Upstream("The account is of no domain that the provider is for.");
        }

        identity.IdToken = idToken ?? answer.IdToken;
        Keep(identity, LoginNotes.FederatedAccessToken, answer.AccessToken);
        if (provider.HasIdToken)
        {
            Keep(identity, LoginNotes.FederatedRefreshToken, answer.Text("refresh_token"));
            var seconds = answer.Json.TryGetProperty("expires_in", out var told) && long.TryParse(told.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            Keep(identity, LoginNotes.FederatedExpiration, (seconds > 0 ? time.GetUtcNow().ToUnixTimeSeconds() + seconds : 0).ToString(CultureInfo.InvariantCulture));
        }

        identity.ProvedAt = idToken is not null && provider.Flag("passMaxAge") ? claims.Select(c => Seconds(ClaimReader.Text(c, "auth_time"))).FirstOrDefault(at => at is not null) : null;
        identity.SessionId = SessionOf(answer, claims) is { } session ? $"{provider.Alias}.{session}" : null;
        identity.TokenResponse = provider.StoreToken ? StoredTokens.Write(answer, time.GetUtcNow()) : null;
        mappers.Preprocess(realm, provider, identity);
        // Mappers put names together: what came of it is measured, and not only what came in.
        return Array.TrueForAll([identity.Id, identity.Username, identity.LocalUsername, identity.Email, identity.FirstName, identity.LastName], name => name is null or { Length: <= Longest })
            ? identity : UpstreamRefusals.Upstream($"A name or address of the account is longer than {Longest} characters.");
    }

    private static void Keep(BrokeredIdentity identity, string note, string? value)
    {
        if (value is { Length: > 0 })
        {
            identity.Tokens[note] = value;
        }
    }

    private async ValueTask<Result<JsonElement>> UserInfoAsync(Realm realm, IdentityProvider provider, string address, UpstreamTokenResponse answer, CancellationToken ct)
    {
        if (answer.AccessToken is not { } access)
        {
            return UpstreamRefusals.Upstream("The token endpoint gave no access token.");
        }

        var service = provider.Service;
        if (service is { TokenInQuery: true })
        {
            address += $"&access_token={Uri.EscapeDataString(access)}{(provider.Setting("key") is { } key ? $"&key={Uri.EscapeDataString(key)}" : "")}";
        }

        if (await fetch.SendAsync(new FetchRequest(address, Authorization: service is { TokenInQuery: true } ? null : $"Bearer {access}"), ct) is not { IsOk: true } got)
        {
            return UpstreamRefusals.Upstream("The user info endpoint did not answer.");
        }

        JsonElement info;
        if (got.ContentType == "application/jwt")
        {
            // OIDC Core §5.3.2: signed, encrypted, or both. What is signed is believed under the provider's keys only; what is only encrypted is worth what
            // plain JSON from the same address is.
            var text = System.Text.Encoding.ASCII.GetString(got.Body);
            var opened = RealmDecryption.Open(realm, text);
            if (opened is not null && opened != text && UpstreamTokens.Parse(System.Text.Encoding.UTF8.GetBytes(opened)) is { } bare)
            {
                info = bare;
            }
            else if (opened is null || Jws.TryParse(opened, out var jws) != JoseFault.None || await idTokens.FaultAsync(provider, jws!, ct) is not null
                || jws!.Claims() is not { } claims)
            {
                return UpstreamRefusals.Upstream("The signed or encrypted user info does not hold.");
            }
            else
            {
                using (claims)
                {
                    info = claims.Root.Clone();
                }
            }
        }
        else if (UpstreamTokens.Parse(got.Body) is { } json)
        {
            info = json;
        }
        else
        {
            return UpstreamRefusals.Upstream("The user info is no JSON object.");
        }

        if (service?.Fields?.Items is { } items)
        {
            return info.TryGetProperty(items, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() == 1 ? list[0] : UpstreamRefusals.Upstream("The user info names nobody.");
        }

        if (service?.Fields?.Emails is not { } emails || ClaimReader.Text(info, service.Fields.Email) is not null)
        {
            return info;
        }

        return emails.StartsWith('/') ? await WithEmailAsync(info, $"{address}{emails}", access, ct)
            : info.TryGetProperty(emails, out var listed) ? WithEmail(info, listed) : info;
    }

    /// <summary>A service that keeps addresses apart is asked for them.</summary>
    private async ValueTask<JsonElement> WithEmailAsync(JsonElement info, string address, string access, CancellationToken ct)
    {
        if (await fetch.SendAsync(new FetchRequest(address, Authorization: $"Bearer {access}"), ct) is not { IsOk: true } got)
        {
            return info;
        }

        try
        {
            using var parsed = JsonDocument.Parse(got.Body);
            return WithEmail(info, parsed.RootElement.ValueKind == JsonValueKind.Object && parsed.RootElement.TryGetProperty("values", out var values) ? values : parsed.RootElement);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // A list that cannot be read, or has half of a surrogate pair in it, says nothing.
            return info;
        }
    }

    /// <summary>The primary one of the addresses counts; one that the service has not verified is taken, and said to be that.</summary>
    private static JsonElement WithEmail(JsonElement info, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            return info;
        }

        foreach (var entry in list.EnumerateArray())
        {
            var primary = ClaimReader.Text(entry, "primary") ?? ClaimReader.Text(entry, "is_primary");
            if (primary == "true" && (ClaimReader.Text(entry, "email") ?? ClaimReader.Text(entry, "value")) is { } email)
            {
                var verified = ClaimReader.Text(entry, "verified") ?? ClaimReader.Text(entry, "is_confirmed") ?? ClaimReader.Text(entry, "confirmed");
                var copy = System.Text.Json.Nodes.JsonObject.Create(info)!;
                (copy["email"], copy["email_verified"]) = (email, verified == "true");
                using var completed = JsonDocument.Parse(copy.ToJsonString());
                return completed.RootElement.Clone();
            }
        }

        return info;
    }

    private static BrokeredIdentity? Person(IdentityProvider provider, List<JsonElement> claims)
    {
        var fields = provider.Service?.Fields;
        // Names are the user info's where there is one, else the ID token's; who it is is the ID token's word before any other's.
        string? Of(string? name) => name is null ? null : Enumerable.Reverse(claims).Select(c => ClaimReader.Text(c, name)).FirstOrDefault(v => v is not null);
        string? Named(string setting, string otherwise) => Of(provider.Setting(setting) ?? otherwise);
        var identified = provider.HasIdToken && fields is null ? claims.Select(c => ClaimReader.Text(c, "sub")).FirstOrDefault(s => s is not null) : fields is not null ? Of(fields.Id) ?? (fields.WithoutId is { } only && Of(fields.Username) == only ? only : null) : Named("userIDClaim", "sub");
        if (identified is not { Length: > 0 and <= Longest } id)
        {
            return null;
        }

        var email = fields is null ? Named("emailClaim", "email") : Of(fields.Email) ?? (Of(fields.OtherEmail) is { } other && other.Contains('@', StringComparison.Ordinal) ? other : null);
        var full = fields is null ? Named("fullNameClaim", "name") : fields.IsEscaped ? WebUtility.HtmlDecode(Of(fields.FullName)) : Of(fields.FullName);
        var username = fields is null ? Named("userNameClaim", "preferred_username") ?? email : NameAt(Of(fields.Page)) ?? Of(fields.Username) ?? email;
        var (first, last) = (fields is null ? Named("givenNameClaim", "given_name") : Of(fields.FirstName), fields is null ? Named("familyNameClaim", "family_name") : Of(fields.LastName));
        if (first is null && last is null && full is not null)
        {
            var space = full.LastIndexOf(' ');
            (first, last) = space < 0 ? (full, null) : (full[..space], full[(space + 1)..]);
        }

        return new BrokeredIdentity
        {
            Provider = provider.Alias, Id = id, Username = username ?? id, Email = email?.ToLowerInvariant(), EmailVerified = Of("email_verified") is { } verified ? verified.Equals("true", StringComparison.OrdinalIgnoreCase) : null,
            FirstName = first, LastName = last, Claims = claims,
        };
    }

    /// <summary>The third part of the path of a page: <c>/users/12/una</c>.</summary>
    private static string? NameAt(string? page) =>
        Uri.TryCreate(page, UriKind.Absolute, out var uri) && uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) is [_, _, var name, ..] ? Uri.UnescapeDataString(name) : null;

    /// <summary>OIDC Core §3.1.3.7, 13.</summary>
    private bool IsTooOld(IdentityProvider provider, JsonElement claims, int age) =>
        Seconds(ClaimReader.Text(claims, "auth_time")) is not { } at || at + age + provider.ClockSkew < time.GetUtcNow().ToUnixTimeSeconds();

    private static long? Seconds(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= int.MaxValue ? at : null;

    private static bool IsEssentialMissed(IdentityProvider provider, JsonElement claims)
    {
        if (!provider.Flag("filteredByClaim") || provider.Setting("claimFilterName") is not { } name || provider.Setting("claimFilterValue") is not { } pattern)
        {
            return false;
        }

        // A name may have dots in it, as those of namespaces do: it is one name before it is a path.
        var said = claims.TryGetProperty(name, out var whole) ? whole : ClaimReader.Find(claims, name);
        IEnumerable<JsonElement> values = said switch
        {
            null or { ValueKind: JsonValueKind.Null } => [],
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
            { } one => [one],
        };
        return !values.Any(v => ClaimReader.Matches(v.ToString(), pattern));
    }

    private static string? SessionOf(UpstreamTokenResponse answer, List<JsonElement> claims) =>
        claims.Select(c => ClaimReader.Text(c, "sid")).FirstOrDefault(s => s is not null) is var session && (session ?? ClaimReader.Text(answer.Json, "session_state")) is { Length: <= Longest } id ? id : null;
}
