using System.Text;
using Castellan.Core.Authorize;
using Castellan.Core.Login;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Sessions;

namespace Castellan.Core.Tokens;

/// <summary>Tokens of the implicit and hybrid flows, as parameters of the authorization answer (OpenID Connect Core §3.2.2.5, §3.3.2.5).</summary>
public sealed class FrontChannelTokens(TokenIssuer issuer) : IFrontChannelTokens
{
    public async ValueTask<IEnumerable<KeyValuePair<string, string>>> IssueAsync(
        LoginContext context, UserSession session, ClientSession client, ResponseType type, string? code)
    {
        var kinds = (type.HasFlag(ResponseType.Token) ? TokenKinds.Access : TokenKinds.None) | (type.HasFlag(ResponseType.IdToken) ? TokenKinds.Id : TokenKinds.None);
        var grant = new Grant
        {
            Realm = context.Realm,
            Client = context.Client,
            User = context.User!,
            Session = session,
            ClientSession = client,
            Scopes = Scopes.Restore(context.Client, context.Tab.ClientNote("scope")).For(GrantedRoles.Of(context.Realm, context.User!)),
            Issuer = context.Request.Issuer,
            GrantCode = "na",
            Nonce = context.Tab.ClientNote("nonce"),
            Code = code,
            // §3.3.2.11: a hash of the state protects it where the ID token goes through the browser.
            State = type.HasFlag(ResponseType.IdToken) ? context.Tab.ClientNote("state") : null,
            Implicit = code is null,
            Detached = context.Client.Flag("id.token.as.detached.signature"),
        };
        if (!(await issuer.IssueAsync(grant, kinds, ct: context.Ct)).Ok(out var issued, out var error))
        {
            return [new("error", error.Code), new("error_description", error.Description ?? "")];
        }

        var answer = new List<KeyValuePair<string, string>>();
        if (issued.IdToken is { } id)
        {
            answer.Add(new("id_token", Encoding.ASCII.GetString(id)));
        }

        if (issued.AccessToken is { } access)
        {
            answer.Add(new("access_token", Encoding.ASCII.GetString(access)));
            answer.Add(new("token_type", issued.TokenType!));
            answer.Add(new("expires_in", issued.ExpiresIn.ToString()));
        }

        return answer;
    }
}
