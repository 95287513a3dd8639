using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Server.Events;

namespace Castellan.Tests.Events;

public sealed class Lines_of_the_log
{
    private static readonly Realm s_realm = new(new RealmData
    {
        Version = 1,
        Settings = new() { Id = "r1", Realm = "two" },
        Roles = new([]),
        Groups = new([]),
        Scopes = [],
        Flows = [],
        AuthenticatorConfigs = [],
        RequiredActions = [],
        Components = [],
        IdentityProviders = [],
        IdentityProviderMappers = [],
    });

    [Fact]
    public void A_failure_names_its_reason_and_what_is_not_known_is_null() => Assert.Equal(
        """type="REFRESH_TOKEN_ERROR", realmId="r1", realmName="two", clientId="web", userId="null", ipAddress="127.0.0.1", error="invalid_token", grant_type="refresh_token" """.TrimEnd(),
        EventLines.Of(s_realm, new LoginEvent
        {
            Type = "REFRESH_TOKEN_ERROR", RealmId = "r1", ClientId = "web", IpAddress = "127.0.0.1", Error = "invalid_token", Details = new() { ["grant_type"] = "refresh_token" },
        }));

    [Fact]
    public void A_success_has_its_session_and_no_error() => Assert.Equal(
        """type="LOGIN", realmId="r1", realmName="two", clientId="web", userId="u1", sessionId="s1", ipAddress="127.0.0.1", username="bob" """.TrimEnd(),
        EventLines.Of(s_realm, new LoginEvent
        {
            Type = "LOGIN", RealmId = "r1", ClientId = "web", UserId = "u1", SessionId = "s1", IpAddress = "127.0.0.1", Details = new() { ["username"] = "bob" },
        }));

    [Fact]
    public void What_was_typed_forges_neither_a_line_nor_a_field() => Assert.EndsWith(
        """username="x', error='y  type='LOGIN'" """.TrimEnd(),
        EventLines.Of(s_realm, new LoginEvent { Type = "LOGIN_ERROR", RealmId = "r1", Details = new() { ["username"] = "x\", error=\"y\r\ntype=\"LOGIN\"" } }),
        StringComparison.Ordinal);
}
