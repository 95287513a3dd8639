using System.Globalization;
using Castellan.Core.Clients.Policies;
using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Organizations;
using Castellan.Core.Roles;
using Castellan.Core.Sessions;
using Castellan.Core.Tokens;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Grants;

/// <summary>What the token endpoint answers: tokens, or JSON of a grant of its own.</summary>
public sealed record TokenAnswer(IssuedTokens? Tokens, byte[]? Json);

/// <summary>The way of every token request once its client is known: find the grant, let it decide, store the session, issue, record.</summary>
public sealed class TokenPipeline(IEnumerable<IGrant> grants, TokenIssuer issuer, ISessions sessions, IEvents events, OrganizationMemberships memberships, TimeProvider time)
{
    private readonly Dictionary<string, IGrant> _grants = grants.ToDictionary(g => g.Type, StringComparer.Ordinal);

    /// <summary>The grant of this type, or null.</summary>
    public IGrant? Find(string type) => _grants.GetValueOrDefault(type);

    public async ValueTask<Result<TokenAnswer>> RunAsync(IGrant grant, TokenRequest request, CancellationToken ct)
    {
        var result = await GrantAsync(grant, request, ct);
        if (!result.Ok(out _, out var error))
        {
            // A grant that gives no word of its own for the failure is recorded under the one that the client hears.
            request.Event.Failed(request.Event.Error ?? error.Code);
        }

        if (!request.IsUnrecorded)
        {
            await events.RecordAsync(request.Realm, request.Event, ct);
        }

        return result;
    }

    private async ValueTask<Result<TokenAnswer>> GrantAsync(IGrant grant, TokenRequest request, CancellationToken ct)
    {
        var occasion = new TokenOccasion(request, grant.Type);
        if (ClientPolicies.Of(request.Realm).Token(occasion) is { } demanded)
        {
            request.Event.FailedByPolicy(demanded.Code, demanded.Description);
            return demanded;
        }

        if (grant.Type != "refresh_token" && !await memberships.AreKnownAsync(request.Client, request.Form.Value("scope"), ct))
        {
            return request.RefuseSaying("invalid_request", "invalid_scope", $"Invalid scopes: {request.Form["scope"]}");
        }

        // Before the grant uses up what counts once. A refresh compares certificates itself.
        if (request.Client.BindsToCertificates && request.CertificateThumbprint is null && grant.Type != "refresh_token")
        {
            return request.RefuseSaying("invalid_request", "invalid_request", "Client Certification missing for MTLS HoK Token Binding");
        }

        if (!(await grant.AuthorizeAsync(request, ct)).Ok(out var outcome, out var error))
        {
            return error;
        }

        if (outcome.Grant is not { } granted)
        {
            return new TokenAnswer(null, outcome.Answer);
        }

        // What another client's token leads to is that client's, and so are the rules for it.
        if (granted.Client.Id != request.Client.Id)
        {
            occasion = new TokenOccasion(request, grant.Type, granted.Client);
            if (ClientPolicies.Of(request.Realm).Token(occasion) is { } demandedOfIt)
            {
                request.Event.FailedByPolicy(demandedOfIt.Code, demandedOfIt.Description);
                return demandedOfIt;
            }
        }

        var kinds = outcome.Kinds;
        if (occasion.KeepsRefreshToken || (grant.RefreshSwitch is { } attribute && granted.Client.Attribute(attribute) == "false"))
        {
            kinds &= ~TokenKinds.Refresh;
        }

        var roles = GrantedRoles.Of(request.Realm, granted.User);
        if (kinds.HasFlag(TokenKinds.Refresh) && granted.Scopes.OfflineAccess && !MayStayOffline(granted, roles))
        {
            return request.RefuseSaying("not_allowed", "not_allowed", "Offline tokens not allowed for the user or client");
        }

        granted = granted with
        {
            Lightweight = occasion.Lightweight,
            Scopes = granted.Scopes.For(roles, granted.Audience),
            AnsweredScopes = granted.AnsweredScopes?.For(roles),
            DPoPThumbprint = occasion.BindsOnlyRefreshToken ? null : request.DPoPThumbprint,
            RefreshDPoPThumbprint = request.DPoPThumbprint,
            CertificateThumbprint = request.BindingThumbprint,
        };
        granted = await StoreAsync(granted, outcome, kinds, ct);
        var reuseId = request.Realm.Settings.RevokeRefreshToken == true ? outcome.ReuseId ?? Ids.New() : null;
        if (!(await issuer.IssueAsync(granted, kinds, outcome.RefreshTokenId, reuseId, ct)).Ok(out var issued, out error))
        {
            return error;
        }

        if (outcome.Finish is { } finish && !(await finish(issued, ct)).Ok(out issued, out error))
        {
            return error;
        }

        Note(request, granted, issued);
        return new TokenAnswer(issued, null);
    }

    /// <summary>Offline access wants the realm's role <c>offline_access</c>, within what the client may see.</summary>
    private static bool MayStayOffline(Grant granted, IReadOnlySet<Role> roles) =>
        granted.Realm.Roles.FindRealmRole("offline_access") is { } role
        && GrantedRoles.Within(granted.Realm, granted.Client, granted.Scopes, roles).Contains(role);

    private async ValueTask<Grant> StoreAsync(Grant granted, GrantOutcome outcome, TokenKinds kinds, CancellationToken ct)
    {
        var goesOffline = granted.Kind == SessionKind.Online && granted.Scopes.OfflineAccess && kinds.HasFlag(TokenKinds.Refresh);
        if (!goesOffline)
        {
            if (outcome.IsNewSession)
            {
                await sessions.AddAsync(granted.Session, ct);
            }

            return granted;
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var begun = granted.ClientSession.Notes.ContainsKey(LoginNotes.BegunForOffline);
        var notes = begun ? granted.ClientSession.Notes.Where(n => n.Key != LoginNotes.BegunForOffline).ToDictionary() : granted.ClientSession.Notes;
        var part = granted.ClientSession with { Offline = true, Started = now, LastAccess = now, Notes = notes };
        var session = granted.Session with { Offline = true, LastAccess = now, Clients = [part] };
        if (outcome.IsNewSession)
        {
            await sessions.AddAsync(session, ct);
        }
        else
        {
            if (!await sessions.AttachAsync(granted.Realm.Id, part, ct))
            {
                await sessions.AddAsync(session with { Started = now }, ct);
            }

            // A session that began for this goes on offline alone. In one that was there before the client stays among the others, and hears of its end.
            if (begun && await sessions.FindAsync(granted.Realm.Id, granted.Session.Id, offline: false, ct) is { Clients.Count: 1 })
            {
                await sessions.DeleteAsync(granted.Realm.Id, granted.Session.Id, offline: false, ct);
            }
        }

        return granted with { Session = session, ClientSession = part, Kind = SessionKind.Offline };
    }

    private static void Note(TokenRequest request, Grant granted, IssuedTokens issued)
    {
        var happened = request.Event;
        happened.UserId = granted.User.Id;
        happened.SessionId = granted.Kind == SessionKind.Transient ? null : granted.Session.Id;
        happened.With("token_id", issued.AccessTokenId).With("scope", issued.Scope);
        if (issued.RefreshTokenId is { } id)
        {
            happened.With(happened.Details?.ContainsKey("refresh_token_id") == true ? "updated_refresh_token_id" : "refresh_token_id", id)
                .With("refresh_token_type", granted.Session.Offline ? "Offline" : "Refresh");
        }

        if (happened.Type == EventTypes.RefreshToken)
        {
            happened.With("access_token_expiration_time", issued.ExpiresIn.ToString(CultureInfo.InvariantCulture));
        }
    }
}
