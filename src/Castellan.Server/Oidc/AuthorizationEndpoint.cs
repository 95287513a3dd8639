using Castellan.Core.Authorize;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Castellan.Server.Login;
using Castellan.Server.Login.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Castellan.Server.Oidc;

/// <summary>The authorization endpoint (RFC 6749 §3.1), and its two doors beside it that begin with registration or a forgotten password.</summary>
public static class AuthorizationEndpoint
{
    private const string Root = "/protocol/openid-connect/";

    public static void MapAuthorization(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        foreach (var (path, begins) in (ReadOnlySpan<(string, string)>)[("auth", LoginPaths.Authenticate), ("registrations", LoginPaths.Registration), ("forgot-credentials", LoginPaths.ResetCredentials)])
        {
            endpoints.MapRealm(Root + path, [HttpMethods.Get, HttpMethods.Post], (http, realm) => HandleAsync(
                http, realm, begins, services.GetRequiredService<LoginHttp>(), services.GetRequiredService<AuthorizePipeline>(), services.GetRequiredService<Invitations>()));
        }
    }

    private static async Task HandleAsync(HttpContext http, Realm realm, string begins, LoginHttp login, AuthorizePipeline pipeline, Invitations invitations)
    {
        if (await ReadAsync(http) is not var (parameters, repeated))
        {
            await login.PageAsync(http, realm, new ErrorPage(400, "invalidRequestMessage"), noStore: false);
            return;
        }

        if (await ClosedAsync(http, login, realm, begins) is { } closed)
        {
            await login.PageAsync(http, realm, closed, noStore: false);
            return;
        }

        FollowedInvitation? invitation = null;
        var token = begins == LoginPaths.Registration && parameters.GetValueOrDefault("token") is { Length: > 0 } text ? text : null;
        if (token is not null)
        {
            invitation = await invitations.ReadAsync(realm, token, login.Urls.Issuer(http, realm), http.RequestAborted);
            if (invitation is null || parameters.GetValueOrDefault("client_id") != invitation.Token.Client)
            {
                login.Cookies.ExpireDetached(http, realm);
                await login.PageAsync(http, realm, new InfoPage("staleInviteOrgLink") { Status = 400 });
                return;
            }
        }

        if (invitation is null && NotAllowed(realm, begins) is { } refused)
        {
            await login.PageAsync(http, realm, refused, noStore: false);
            return;
        }

        var request = new AuthorizeRequest(realm, login.Urls.Addresses(http, realm), parameters) { InvitedTo = invitation?.Token.RedirectUri, Conflict = repeated ? "duplicated parameter" : null };
        if (await pipeline.CheckAsync(request, http.RequestAborted) is { } refusal)
        {
            await RefuseAsync(http, login, request, refusal, begins);
            return;
        }

        await BeginAsync(http, login, request, begins, invitation is null ? null : token);
    }

    /// <summary>The page of a realm that nobody may enter, or not this way.</summary>
    private static async ValueTask<ErrorPage?> ClosedAsync(HttpContext http, LoginHttp login, Realm realm, string begins)
    {
        var (page, error) = Callers.CheckTls(http, realm, login.Urls.Issuer(http, realm)) is not null ? (new ErrorPage(400, "httpsRequiredMessage"), "ssl_required")
            : !realm.Enabled ? (new ErrorPage(400, "realmNotEnabledMessage"), "realm_disabled") : default;
        if (page is not null)
        {
            await login.Services.Events.RecordAsync(realm, Event(http, begins).Failed(error), http.RequestAborted);
        }

        return page;
    }

    /// <summary>The page where the realm does not have what is to begin.</summary>
    private static ErrorPage? NotAllowed(Realm realm, string begins) => begins switch
    {
        LoginPaths.Registration when !(realm.Settings.RegistrationAllowed ?? false) => new ErrorPage(400, "registrationNotAllowedMessage"),
        LoginPaths.ResetCredentials when !(realm.Settings.ResetPasswordAllowed ?? false) => new ErrorPage(400, "resetCredentialNotAllowedMessage"),
        _ => null,
    };

    private static LoginEvent Event(HttpContext http, string begins) => new()
    {
        Type = begins switch
        {
            LoginPaths.Registration => EventTypes.Register,
            LoginPaths.ResetCredentials => EventTypes.ResetPassword,
            _ => EventTypes.Login,
        },
        IpAddress = LoginHttp.Ip(http),
    };

    private static async Task BeginAsync(HttpContext http, LoginHttp login, AuthorizeRequest request, string begins, string? invitation)
    {
        var (realm, client) = (request.Realm, request.Client);
        var prompt = request.List("prompt");
        if (request["prompt"] == "create")
        {
            begins = LoginPaths.Registration;
        }

        var root = await login.RootAsync(http, realm);
        var tab = login.Cookies.NewTab(realm, root, client.Id, request.RedirectUri, request.Parameters.Where(p => !LoginNotes.OfTheServer.Contains(p.Key)).ToDictionary());
        if (request.Reference is { } reference)
        {
            tab.ClientNotes[LoginNotes.PushedReference] = reference;
        }

        if (request.DemandedFlow is { } flow)
        {
            tab.ClientNotes[LoginNotes.DemandedFlow] = flow.Alias;
            if (flow.Level is { } level)
            {
                tab.ClientNotes[LoginNotes.DemandedFlowLevel] = level.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        if (invitation is not null)
        {
            tab.ClientNotes[LoginNotes.Invitation] = invitation;
        }

        if (request["login_hint"] is { } hint)
        {
            tab.ClientNotes[LoginNotes.LoginHint] = hint;
        }

        IdTokenHints.Note(request, tab, login.Urls.Issuer(http, realm));
        if (RequestedLevels.Note(request, tab) is { } unknown)
        {
            await login.Services.Events.RecordAsync(realm, Asked(http, request, begins).With("reason", "Invalid requested essential acr value").Failed("invalid_request"), http.RequestAborted);
            await login.PageAsync(http, realm, new ErrorPage(400, "invalidParameterMessage", unknown), client, noStore: false);
            return;
        }

        tab.Path = begins;
        if (invitation is null && NotAllowed(realm, begins) is { } refused)
        {
            await login.PageAsync(http, realm, refused, client);
            return;
        }

        var session = await login.BrowserSessionAsync(http, realm);
        if (begins != LoginPaths.Authenticate)
        {
            tab.ClientNotes[LoginNotes.BegunWith] = begins;
        }
        else if (session is not null)
        {
            tab.ClientNotes[LoginNotes.Beside] = session.Id;
        }

        if (request.Pushed && !prompt.Contains("none"))
        {
            // RFC 9126 §4: the address in the browser's history must not be one that can be used again.
            await login.Cookies.WriteRestartAsync(http, realm, tab);
            await login.Services.Tabs.AddAsync(tab, http.RequestAborted);
            LoginHttp.Redirect(http, realm, login.Url(http, realm, client, tab, tab.Path, null));
            return;
        }

        var context = await login.ContextAsync(http, realm, client, tab, session);
        try
        {
            var outcome = await login.SignIn.ContinueAsync(context);
            if (prompt.Contains("none"))
            {
                outcome = SilentSignIn.Of(outcome);
            }
            else if (begins == LoginPaths.Authenticate)
            {
                await login.Cookies.WriteRestartAsync(http, realm, tab);
            }

            await login.WriteAsync(http, context, outcome);
        }
        catch (BusyException)
        {
            await LoginActionsEndpoint.BusyAsync(http, login, realm);
        }
    }

    /// <summary>The event of a request, as far as the request is known to be good.</summary>
    private static LoginEvent Asked(HttpContext http, AuthorizeRequest request, string begins)
    {
        var happened = Event(http, begins);
        happened.ClientId = request["client_id"];
        return request.RedirectUri is null ? happened
            : happened.With("redirect_uri", request["redirect_uri"]).With("response_type", request["response_type"])
                .With("response_mode", request.ModeIsVerified ? ResponseTypes.EventWord(request.ResponseMode) : null);
    }

    private static async Task RefuseAsync(HttpContext http, LoginHttp login, AuthorizeRequest request, AuthorizeRefusal refusal, string begins)
    {
        var realm = request.Realm;
        var happened = Asked(http, request, begins);
        var error = refusal.Error.Code;
        if (refusal.PageKey is null)
        {
            // What the client is told has OAuth's codes, the event Keycloak's.
            error = error == "unauthorized_client" ? "not_allowed" : "invalid_request";
        }
        else if (error == "invalid_redirect_uri")
        {
            happened.With("redirect_uri", request["redirect_uri"]);
        }

        happened.With("reason", !refusal.TellsReason ? null : refusal.Error.Code == "unsupported_response_type" ? ResponseTypes.Wrong(request.Parameters["response_type"]) : refusal.Error.Description);

        await login.Services.Events.RecordAsync(realm, happened.Failed(error), http.RequestAborted);
        if (refusal.PageKey is { } key)
        {
            var page = new ErrorPage(refusal.Error.Status, key, [.. refusal.PageArguments ?? []]);
            await login.PageAsync(http, realm, page, request.Client, noStore: false);
            return;
        }

        if (refusal.BeginsSignIn)
        {
            await login.RootAsync(http, realm);
        }

        await http.RequestServices.GetRequiredService<OidcAnswer>().RefuseAsync(login, http, realm, request.Client, request.RedirectUri!, request.ResponseMode, request["state"], refusal.Error.Code, refusal.Error.Description);
    }

    /// <summary>The parameters, of the query or the form, each by its first value; and whether one is there twice. Null when they cannot be read.</summary>
    private static async ValueTask<(Dictionary<string, string> Parameters, bool Repeated)?> ReadAsync(HttpContext http)
    {
        IEnumerable<KeyValuePair<string, StringValues>>? given = HttpMethods.IsPost(http.Request.Method) ? await LoginForms.ReadAsync(http) : http.Request.Query;
        if (given is null)
        {
            return null;
        }

        var (parameters, repeated) = (new Dictionary<string, string>(StringComparer.Ordinal), false);
        foreach (var (name, values) in given)
        {
            if (parameters.Count >= 100)
            {
                return null;
            }

            // Of two clients none asks.
            parameters[name] = values.Count > 1 && name == "client_id" ? "" : values[0] ?? "";
            repeated |= values.Count > 1;
        }

        return (parameters, repeated);
    }
}
