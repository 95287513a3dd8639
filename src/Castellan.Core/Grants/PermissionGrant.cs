using System.Globalization;
using System.Text.Json;
using Castellan.Core.Authorization.Requesting;
using Castellan.Core.Clients;
using Castellan.Core.Events;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Protocol.Errors;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Grants;

/// <summary>
/// Permissions for resources (UMA 2.0 Grant §3.3): for a ticket that a resource server gave out, or, as Keycloak has it besides, for permissions that the
/// request names. Who asks proves it with an access token, or the client proves itself.
/// </summary>
public sealed class PermissionGrant(RequestingParties parties, PermissionDecisions decisions, OwnerRequests requests, IClients clients, TimeProvider time) : IGrant
{
    /// <summary>The value of <c>grant_type</c>.</summary>
    public const string GrantType = "urn:ietf:params:oauth:grant-type:uma-ticket";

    private const string Decision = "decision", Permissions = "permissions";

    public string Type => GrantType;

    public string EventType => EventTypes.PermissionToken;

    public bool TakesBearer => true;

    public IReadOnlyList<string> Repeatable { get; } = ["permission"];

    public async ValueTask<Result<GrantOutcome>> AuthorizeAsync(TokenRequest request, CancellationToken ct)
    {
        request.Event.With("auth_method", "oauth_credentials");
        return (await ReadAsync(request, ct)).Ok(out var asked, out var error) && (await DecideAsync(request, asked, ct)).Ok(out var outcome, out error) ? outcome : error;
    }

    /// <summary>What the request asks for, once everything in it is known to be in order.</summary>
    private async ValueTask<Result<Asked>> ReadAsync(TokenRequest request, CancellationToken ct)
    {
        var form = request.Form;
        if (Earlier(request, out var earlier) is { } error)
        {
            return error;
        }

        request.Event.With("audience", form["audience"]);
        if (form.All("permission").ToList() is { Count: > 0 } named)
        {
            request.Event.With("permission", string.Join('|', named));
        }

        int? limit = null;
        if (form["response_permissions_limit"] is { } most)
        {
            if (!int.TryParse(most, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return Invalid(request, "Invalid response_permissions_limit");
            }

            limit = number;
        }

        // A format that nobody knows must not turn a question for one resource into one for all.
        var format = form["permission_resource_format"] ?? "id";
        if (format is not ("id" or "uri"))
        {
            return Invalid(request, "Invalid permission_resource_format");
        }

        if (Ticket(request, out var ticket) is { } noTicket)
        {
            return noTicket;
        }

        if (Pushed(request, ticket, out var pushed) is { } noClaims)
        {
            return noClaims;
        }

        if (!(await parties.FindAsync(request, form["claim_token"], FormatOfClaims(form), ct)).Ok(out var party, out error))
        {
            return error;
        }

        request.Event.UserId = party.Id;
        if (!(await ServerAsync(request, ticket?.ResourceServer ?? form["audience"], ct)).Ok(out var server, out error))
        {
            return error;
        }

        if (party.Audience?.Contains(server.ClientId) is false)
        {
            return request.RefuseSaying("not_allowed", "access_denied", "The resource server is not within the token audience", 403);
        }

        var wanted = ticket?.Permissions ?? WantedPermission.Read(form, byUri: format == "uri");
        if (wanted.Count > WantedPermission.Most || wanted.Any(w => w.Scopes.Count > WantedPermission.MostScopes))
        {
            return Invalid(request, $"Too many permissions: at most {WantedPermission.Most}, with {WantedPermission.MostScopes} scopes each");
        }

        if (wanted.Any(w => w is { IsUri: true, Resource: null, Scopes.Count: 0 }))
        {
            return Invalid(request, "You must provide the uri");
        }

        if (form["scope"] is { Length: > Scopes.MaxLength })
        {
            return request.RefuseSaying("invalid_request", "invalid_scope", "Invalid scopes: the parameter is too long");
        }

        return new Asked(
            new(request.Realm, server, party, wanted, Scopes.Split(form["scope"]), Held(earlier), pushed, Is(form["permission_resource_matching_uri"]), limit), ticket, earlier);
    }

    private static ProtocolError? Earlier(TokenRequest request, out OwnToken? earlier)
    {
        earlier = request.Form["rpt"] is { } rpt ? OwnToken.Read(request.Realm, rpt, request.Issuer) : null;
        return request.Form["rpt"] is null || earlier is { IsAccessToken: true } ? null : request.Refuse("invalid_request", "invalid_rpt", "RPT signature is invalid", 403);
    }

    private static string FormatOfClaims(Form form) => form["claim_token_format"] ?? (form["claim_token"] is null ? PushedClaims.Format : PushedClaims.IdTokenFormat);

    private ProtocolError? Ticket(TokenRequest request, out TicketToken? ticket)
    {
        var form = request.Form;
        ticket = null;

        // Whoever runs a public client could have written anything into them. What the realm signed is another matter where a ticket asks for it.
        if (form["claim_token"] is not null && request.Client.IsPublic && (form["ticket"] is null || FormatOfClaims(form) != PushedClaims.IdTokenFormat))
        {
            return request.RefuseSaying("invalid_request", "invalid_grant", "Public clients are not allowed to send claims", 403);
        }

        if (form["ticket"] is not { } text)
        {
            return null;
        }

        ticket = TicketToken.Read(request.Realm, text, request.Issuer);
        return ticket?.IsActive(time.GetUtcNow().ToUnixTimeSeconds()) == true
            ? null
            : request.RefuseSaying("invalid_permission_ticket", "invalid_ticket", ticket is null ? "Ticket verification failed" : "Invalid permission ticket.", 403);
    }

    /// <summary>The circumstances: what the client says of them, under what the resource server says in its ticket.</summary>
    private static ProtocolError? Pushed(TokenRequest request, TicketToken? ticket, out IReadOnlyDictionary<string, IReadOnlyList<string>> pushed)
    {
        pushed = ticket?.Claims ?? PushedClaims.None;
        var format = FormatOfClaims(request.Form);
        if (format is not (PushedClaims.Format or PushedClaims.IdTokenFormat))
        {
            return Invalid(request, $"Claim token format [{format}] not supported");
        }

        if (request.Form["claim_token"] is not { } token || format != PushedClaims.Format)
        {
            return null;
        }

        if (PushedClaims.Read(token) is not { } claims)
        {
            return Invalid(request, "Invalid claims");
        }

        if (token.Length > PushedClaims.LongestToken || claims.Count > PushedClaims.MostNames)
        {
            return Invalid(request, $"Too many claims: at most {PushedClaims.MostNames}, in {PushedClaims.MaxLength} bytes");
        }

        pushed = claims.Where(c => ticket?.Claims.ContainsKey(c.Key) is not true).Concat(pushed).ToDictionary(StringComparer.Ordinal);
        return null;
    }

    /// <summary>What an earlier token held, while it counts in time: it is only asked for again.</summary>
    private IReadOnlyList<WantedPermission> Held(OwnToken? earlier) =>
        earlier?.IsActive(time.GetUtcNow().ToUnixTimeSeconds()) == true ? GrantedPermissions.Read(earlier.Authorization) : [];

    private async ValueTask<Result<Client>> ServerAsync(TokenRequest request, string? clientId, CancellationToken ct)
    {
        if (clientId is null)
        {
            return Invalid(request, "You must provide the issuedFor");
        }

        if (await clients.FindAsync(request.Realm, clientId, ct) is not { } client)
        {
            return Invalid(request, $"Unknown resource server id: [{clientId}]");
        }

        return client is { Enabled: true, Representation.AuthorizationServicesEnabled: true } ? client : Invalid(request, "Client does not support permissions");
    }

    private async ValueTask<Result<GrantOutcome>> DecideAsync(TokenRequest request, Asked asked, CancellationToken ct)
    {
        var question = asked.Question;
        if (!(await decisions.DecideAsync(question, ct)).Ok(out var verdict, out var error))
        {
            return request.RefuseSaying("invalid_request", error.Code, error.Description!, error.Status);
        }

        var noted = false;
        if (asked.Ticket is not null && (request.Form["submit_request"] is not { } submit || Is(submit)))
        {
            await requests.NoteAsync(question, verdict, ct);
            noted = true;
        }

        var granted = GrantedPermissions.Of(verdict.Answers);

        // An earlier token is not traded for one that lacks what this request is about.
        var lacks = asked.Earlier is not null && question.Wanted.Zip(verdict.Named).Any(wanted => !granted.Exists(g =>
            (wanted.First.Resource is null ? g.ResourceId is null : g.ResourceId is { } id && wanted.Second.Contains(id))
            && g.Covers(g.ResourceId, [.. wanted.First.Scopes.Union(question.FurtherScopes)])));
        if (granted.Count == 0 || lacks)
        {
            return request.RefuseSaying("access_denied", "access_denied", noted ? "request_submitted" : "not_authorized", 403);
        }

        var permissions = new GrantedPermissions(granted, question.Pushed, request.Form["response_include_resource_name"] is not { } name || Is(name));
        return request.Form["response_mode"] switch
        {
            null => permissions.ToClaim() is { } claim ? Token(request, asked, permissions, claim) : TooMany(),
            Decision => new GrantOutcome(null) { Answer = GrantedPermissions.Decision },
            Permissions => permissions.ToJson() is { } list ? new GrantOutcome(null) { Answer = list } : TooMany(),
            _ => Invalid(request, "Invalid response_mode"),
        };

        ProtocolError TooMany() => Invalid(request, "Too many permissions for one answer: ask for some of them, or for fewer with response_permissions_limit");
    }

    private static GrantOutcome Token(TokenRequest request, Asked asked, GrantedPermissions permissions, JsonElement claim)
    {
        var (party, server) = (asked.Question.Party, asked.Question.Server);
        var part = party.Session.Client(server.Id);
        var scopes = Scopes.Restore(server, part?.Notes.GetValueOrDefault("scope"));

        // The token is about resources; it begins no offline session.
        scopes = scopes.OfflineAccess ? Scopes.Restore(server, string.Join(' ', scopes.Requested.Where(s => s != "offline_access"))) : scopes;
        var before = GrantedPermissions.Read(asked.Earlier?.Authorization);
        var upgraded = asked.Earlier is not null && before.TrueForAll(b => permissions.All.Any(p => p.Covers(b.Resource, b.Scopes)));
        return new GrantOutcome(
            new Grant
            {
                Realm = request.Realm,
                Client = party.Client,
                User = party.User,
                Session = party.Session,
                ClientSession = party.Part,
                Kind = party.Kind,
                Scopes = scopes,
                Issuer = request.Issuer,
                GrantCode = party.GrantCode,
                Authorization = claim,
                ResourceServer = server.ClientId,
                Within = party.Scopes,
                Audience = party.Audience is null ? null : [server.ClientId],
                PassingClient = party.IsPassing,
                PassingServer = part is null && party.GrantCode == "na", // of another token than the person's own the letters say what its client is
            },
            party.Kind == SessionKind.Transient || party.IsPassing || party.Audience is not null ? TokenKinds.Access : TokenKinds.Access | TokenKinds.Refresh)
        { Finish = (issued, _) => new(issued with { Upgraded = upgraded }) };
    }

    private static ProtocolError Invalid(TokenRequest request, string why) => request.RefuseSaying("invalid_request", "invalid_request", why);

    private static bool Is(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private sealed record Asked(PermissionQuestion Question, TicketToken? Ticket, OwnToken? Earlier);
}
