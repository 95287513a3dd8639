using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Tokens;
using Castellan.Core.Users;
using Castellan.Protocol.Jose;
using Castellan.Server.Admin;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Http;

namespace Castellan.Server.Registration;

/// <summary>By what somebody registers a client, or asks for one.</summary>
internal enum RegistrationRight
{
    /// <summary>By nothing: only the realm's policies are in the way.</summary>
    None,

    InitialAccess,

    RegistrationAccess,

    /// <summary>An access token with administration roles.</summary>
    Bearer,
}

/// <summary>Who registers a client.</summary>
/// <param name="TokenId">The <c>jti</c> of the token that was shown.</param>
/// <param name="Policies">Which policies of the realm count: <c>anonymous</c> or <c>authenticated</c>.</param>
/// <param name="Roles">The roles of who shows an access token.</param>
/// <param name="Origins">The origins that the token may be brought from.</param>
internal sealed record RegistrationCaller(RegistrationRight Right, string? TokenId, string Policies, AdminRoles Roles, IReadOnlyList<string> Origins)
{
    /// <summary>The user who shows an access token.</summary>
    public User? User { get; private init; }

    public const string Anonymous = "anonymous";
    public const string Authenticated = "authenticated";

    public static RegistrationCaller Nobody { get; } = new(RegistrationRight.None, null, Anonymous, AdminRoles.None, []);

    /// <summary>Whoever the request's token is for; a refusal when the token is none.</summary>
    public static async ValueTask<Read<RegistrationCaller>> FindAsync(HttpContext http, Realm realm, IAdminCallers callers, ServerUrls urls, TimeProvider time)
    {
        if (Bearer.Text(http) is not { } text)
        {
            return Nobody;
        }

        if (Jws.TryParse(text, out _) != JoseFault.None || OwnToken.Read(realm, text, urls.Issuer(http, realm)) is not { } token)
        {
            // An administrator may come with a token of the master realm.
            return await callers.FindAsync(http, text, http.RequestAborted) is { } foreign ? Of(foreign, realm) : Unauthorized("Failed decode token");
        }

        if (token.Expires is not 0 && !token.IsActive(time.GetUtcNow().ToUnixTimeSeconds()))
        {
            return Unauthorized("Expired token");
        }

        return token.Type switch
        {
            RegistrationTokens.InitialAccess => new RegistrationCaller(RegistrationRight.InitialAccess, token.Id, Authenticated, AdminRoles.None, InitialAccess.Find(realm, token.Id ?? "")?.WebOrigins ?? []),
            RegistrationTokens.RegistrationAccess => new RegistrationCaller(
                RegistrationRight.RegistrationAccess, token.Id, token.RegistrationAuth == Anonymous ? Anonymous : Authenticated, AdminRoles.None, []),
            _ => await callers.FindAsync(http, text, http.RequestAborted) is { } caller ? Of(caller, realm) : Unauthorized("Invalid type of token"),
        };
    }

    public static AdminAnswer Unauthorized(string description) => AdminAnswer.Error(401, "invalid_token", description);

    private static RegistrationCaller Of(AdminCaller caller, Realm realm) => new(
        RegistrationRight.Bearer, null, Authenticated, caller.RolesIn(realm), [.. caller.Client.WebOrigins().All]) { User = caller.User };
}
