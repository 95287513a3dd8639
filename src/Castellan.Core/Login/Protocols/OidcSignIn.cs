using Castellan.Core.Authorize;
using Castellan.Core.Codes;
using Castellan.Core.Events;
using Castellan.Core.Sessions;

namespace Castellan.Core.Login.Protocols;

/// <summary>The end of a sign-in by OpenID Connect: the code, and the tokens that go through the browser.</summary>
public sealed class OidcSignIn(ICodes codes, IFrontChannelTokens tokens) : ISignInProtocol
{
    public string Name => SignInProtocols.OpenIdConnect;

    public IReadOnlyList<string> Kept { get; } =
        ["scope", "nonce", "claims", "acr_values", "redirect_uri", "response_type", "response_mode", "state", "resource", LoginNotes.RequestedLevel];

    public async ValueTask<List<KeyValuePair<string, string>>> AnswerAsync(LoginContext context, UserSession session, ClientSession client)
    {
        var tab = context.Tab;
        var answer = new List<KeyValuePair<string, string>>();
        void Add(string name, string? value)
        {
            if (value is { Length: > 0 })
            {
                answer.Add(new(name, value));
            }
        }

        var type = ResponseTypes.Parse(tab.ClientNote("response_type"));
        Add("state", tab.ClientNote("state"));
        Add("session_state", context.Client.Flag("exclude.session.state.from.auth.response") ? null : session.Id);
        Add("iss", context.Client.Flag(ResponseTypes.WithoutIssuer) ? null : context.Request.Issuer);
        if (tab.Note(LoginNotes.KcActionStatus) is { } status)
        {
            // The action that came last, be it another one than the application asked for.
            Add("kc_action", tab.Note(LoginNotes.LastAction) ?? (status == "error" ? null : RequiredActions.AskedFor(context)?.Alias));
            Add("kc_action_status", status);
        }

        string? code = null;
        if (type.HasFlag(ResponseType.Code))
        {
            code = await codes.AddAsync(context.Realm.Id, new AuthorizationCode
            {
                UserSessionId = session.Id, ClientId = context.Client.Id, UserId = session.UserId, Scope = tab.ClientNote("scope"),
                RedirectUri = tab.ClientNote("redirect_uri"), Nonce = tab.ClientNote("nonce"), CodeChallenge = tab.ClientNote("code_challenge"),
                CodeChallengeMethod = tab.ClientNote("code_challenge") is null ? null : tab.ClientNote("code_challenge_method") ?? "plain",
                DPoPJkt = tab.ClientNote("dpop_jkt"), Notes = new Dictionary<string, string>(client.Notes),
            }, TimeSpan.FromSeconds(context.Realm.Settings.AccessCodeLifespan ?? 60), context.Ct);
            Add("code", code);
        }

        if ((type & (ResponseType.Token | ResponseType.IdToken)) != 0)
        {
            answer.AddRange(await tokens.IssueAsync(context, session, client, type, code));
        }

        return answer;
    }

    public void Describe(AuthenticationTab tab, LoginEvent happened) => happened
        .With("response_type", tab.ClientNote("response_type"))
        .With("response_mode", ResponseTypes.EventWord(ResponseTypes.Mode(tab.ClientNote("response_type"), tab.ClientNote("response_mode"))));
}

/// <summary>Tokens that go to the client through the browser (OIDC Core §3.2.2.5, §3.3.2.5).</summary>
public interface IFrontChannelTokens
{
    /// <summary>The parameters that carry them.</summary>
    ValueTask<IEnumerable<KeyValuePair<string, string>>> IssueAsync(LoginContext context, UserSession session, ClientSession client, ResponseType type, string? code);
}
