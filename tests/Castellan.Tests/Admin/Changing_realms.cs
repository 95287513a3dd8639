using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>What a change of a realm's settings takes along, and what it may not say.</summary>
public sealed class Changing_realms
{
    [Theory]
    [InlineData("""{"attributes":{"displayName":"By attribute","mine":"1"}}""", """{"displayName":"By attribute"}""")]
    [InlineData("""{"displayName":"By field","attributes":{"displayName":"By attribute"}}""", """{"displayName":"By field"}""")]
    [InlineData("""{"attributes":{"clientSessionIdleTimeout":"44","bruteForceProtected":"true"}}""", """{"clientSessionIdleTimeout":44,"bruteForceProtected":true}""")]
    [InlineData("""{"clientSessionIdleTimeout":55}|{"attributes":{}}""", """{"clientSessionIdleTimeout":0}""")]
    [InlineData("""{"oauth2DeviceCodeLifespan":77}|{"displayName":"x"}""", """{"oauth2DeviceCodeLifespan":600}""")]
    [InlineData("""{"browserSecurityHeaders":{"xFrameOptions":"DENY"}}""", """{"browserSecurityHeaders":{"xFrameOptions":"DENY","xRobotsTag":"none"}}""")]
    [InlineData("""{"duplicateEmailsAllowed":true}""", """{"duplicateEmailsAllowed":true,"loginWithEmailAllowed":false,"registrationEmailAsUsername":false}""")]
    [InlineData("""{"duplicateEmailsAllowed":true}|{"loginWithEmailAllowed":true}""", """{"duplicateEmailsAllowed":false,"loginWithEmailAllowed":true}""")]
    [InlineData("""{"duplicateEmailsAllowed":true}|{"registrationEmailAsUsername":true}""", """{"duplicateEmailsAllowed":false,"registrationEmailAsUsername":true}""")]
    [InlineData("""{"smtpServer":{"from":"a@b.org","user":"u","password":"p","authType":"basic"}}""", """{"smtpServer":{"from":"a@b.org","user":null,"password":null,"authType":null}}""")]
    [InlineData("""{"smtpServer":{"from":"a@b.org","auth":"true","user":"u","password":"p","authTokenUrl":"x"}}""", """{"smtpServer":{"user":"u","password":"**********","authTokenUrl":null}}""")]
    [InlineData("""{"smtpServer":{"from":"a@b.org","auth":"true","authType":"token","password":"p","authTokenClientSecret":"s"}}""", """{"smtpServer":{"password":null,"authTokenClientSecret":"**********"}}""")]
    [InlineData("""{"otpPolicyType":"hotp"}""", """{"otpSupportedApplications":["totpAppFreeOTPName","totpAppGoogleName"]}""")]
    [InlineData("""{"otpPolicyType":"totp","otpPolicyCodeReusable":true}|{"otpPolicyType":"totp"}""", """{"otpPolicyCodeReusable":false}""")]
    [InlineData("""{"webAuthnPolicyRpEntityName":"me","webAuthnPolicyRpId":"x.org"}|{"webAuthnPolicyRpEntityName":"you"}""", """{"webAuthnPolicyRpEntityName":"you","webAuthnPolicyRpId":""}""")]
    [InlineData("""{"localizationTexts":{"de":{"a":"b"}}}""", """{"localizationTexts":null}""")]
    [InlineData("""{"supportedLocales":[],"eventsExpiration":0,"requiredCredentials":[]}""", """{"supportedLocales":null,"eventsExpiration":null,"requiredCredentials":null}""")]
    [InlineData("""{"rememberMe":true,"clientSessionIdleTimeout":5000,"ssoSessionIdleTimeoutRememberMe":6000}""", """{"clientSessionIdleTimeout":5000}""")]
    public async Task What_is_said_and_what_follows_from_it(string changes, string shown)
    {
        var world = await AdminWorld.MakeAsync();
        foreach (var change in changes.Split('|'))
        {
            Assert.Equal((204, ""), await PutAsync(world, change));
        }

        AssertShows(JsonNode.Parse(shown)!, await world.GetAsync(""));
    }

    [Fact]
    public async Task What_may_not_be_said()
    {
        var world = await AdminWorld.MakeAsync();
        var other = await world.Realm.Server.RealmAsync(_ => { });
        foreach (var (change, status, words) in ((string, int, string)[])
        [
            ("""{"realm":"a/b"}""", 400, "Character '/' not allowed."),
            ("""{"realm":" "}""", 400, "Realm name cannot be empty"),
            ($$"""{"realm":"{{other.Name}}"}""", 409, "Realm with same name exists"),
            ("""{"supportedLocales":["a/b"]}""", 400, "Character '/' not allowed."),
            ("""{"browserSecurityHeaders":{"xFrameOptions":"a\nb"}}""", 400, "Newline not allowed."),
            ("""{"accessCodeLifespanLogin":0,"accessCodeLifespanUserAction":5}""", 400, "AccessCodeLifespanLogin or AccessCodeLifespanUserAction cannot be 0"),
            ("""{"attributes":{"cibaExpiresIn":"soon"}}""", 400, "The attribute cibaExpiresIn must be a whole number"),
            ("""{"attributes":{"cibaInterval":""}}""", 400, "The attribute cibaInterval must be a whole number"),
            ("""{"attributes":{"parRequestUriLifespan":"6.5"}}""", 400, "The attribute parRequestUriLifespan must be a whole number"),
            ("""{"clientSessionIdleTimeout":99999}""", 400, "Client Session Idle Timeout cannot be greater than Realm SSO Idle Timeout."),
            ("""{"clientSessionMaxLifespan":99999}""", 400, "Client session max lifespan cannot exceed realm SSO session max lifespan."),
            ("""{"rememberMe":true,"clientSessionIdleTimeout":99999}""", 400, "Client session idle timeout cannot exceed realm SSO session idle timeout and RememberMe idle timeout."),
            ("""{"rememberMe":true,"clientSessionMaxLifespan":99999}""", 400, "Client session max lifespan cannot exceed realm SSO session max lifespan and RememberMe Max span."),
            ("""{"requiredCredentials":["totp"]}""", 400, "Unknown credential type totp"),
            ("""{"browserFlow":""}""", 400, "No available authentication flow with alias: "),
            ("""{"bruteForceStrategy":"ODD"}""", 400, "Cannot parse the JSON"),
            ("""{"smtpServer":{"host":"h"}}""", 400, "Invalid sender address 'null'."),
            ("""{"clientPolicies":{"policies":[{"name":"p","profiles":["nope"]}]}}""", 400, "Policy p contains invalid profile nope"),
            ("""{"clientProfiles":{"profiles":[{"name":"p","executors":[{"executor":"nope"}]}]}}""", 400, "proposed client profile contains the executor, which does not have valid provider"),
        ])
        {
            var answer = await PutAsync(world, change);
            Assert.Equal(status, answer.Status);
            Assert.Contains($"\"{words}", answer.Text.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("profiles", """{"profiles":[{"name":""}]}""", "client profile without its name not allowed.")]
    [InlineData("profiles", """{"profiles":[],"globalProfiles":[{"name":"mine"}]}""", "Global profiles cannot be updated")]
    [InlineData("policies", """{"policies":[],"globalPolicies":[{"name":"mine"}]}""", "Global policies cannot be updated")]
    [InlineData("policies", """{"policies":[{"name":"p"},{"name":"p"}]}""", "proposed client policy name duplicated")]
    [InlineData("policies", """{"policies":[{"enabled":true}]}""", "client policy without name not allowed")]
    [InlineData("policies", """{"policies":[{"name":"p","profiles":["fapi-1-baseline","fapi-1-baseline"]}]}""", "Policy p contains duplicated profiles")]
    [InlineData("policies", """{"policies":[{"name":"p","conditions":[{"condition":"client-scopes","configuration":{"scopes":["email","nope"]}}]}]}""", "Invalid client-scopes configuration - Client scopes not allowed: [email, nope]")]
    public async Task Client_policies_that_make_no_sense_are_refused(string list, string json, string refusal)
    {
        var world = await AdminWorld.MakeAsync();
        var answer = await world.CallAsync("PUT", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/client-policies/{list}", new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.Equal((400, refusal), (answer.Status, answer["errorMessage"]));
    }

    [Fact]
    public async Task Client_policies_are_completed_and_come_back_with_the_global_profiles()
    {
        var world = await AdminWorld.MakeAsync();
        var at = $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/client-policies/";
        Assert.Equal(204, (await world.CallAsync("PUT", at + "policies", new StringContent("""{"policies":[{"name":"p"}]}""", Encoding.UTF8, "application/json"))).Status);
        Assert.Equal("""{"policies":[{"name":"p","enabled":false,"conditions":[],"profiles":[]}]}""", (await world.CallAsync("GET", at + "policies")).Text);
        var profiles = (await world.CallAsync("GET", at + "profiles?include-global-profiles=true")).Text;
        Assert.Equal(204, (await world.CallAsync("PUT", at + "profiles", new StringContent(profiles, Encoding.UTF8, "application/json"))).Status);
    }

    [Theory]
    [InlineData("", false, false)]
    [InlineData("?exportClients=true", true, false)]
    [InlineData("?exportGroupsAndRoles=true", false, true)]
    [InlineData("?exportClients=true&exportGroupsAndRoles=true", true, true)]
    public async Task A_part_of_a_realm_is_exported_without_what_it_does_not_hold_and_without_secrets(string query, bool clients, bool roles)
    {
        var world = await AdminWorld.MakeAsync();
        await PutAsync(world, """{"smtpServer":{"from":"a@b.org","auth":"true","authType":"token","authTokenClientSecret":"known-to-few"}}""");
        await world.MakeAsync("clients", """{"clientId":"rotated","secret":"s","attributes":{"client.secret.rotated":"known-to-few"}}""");
        var answer = await world.CallAsync("POST", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/partial-export{query}");
        Assert.DoesNotContain("known-to-few", answer.Text, StringComparison.Ordinal);
        var realm = JsonNode.Parse(answer.Text)!;
        Assert.Equal(clients, realm["clients"] is not null);
        Assert.Equal(roles, realm["groups"] is not null);
        Assert.Equal(clients && roles, realm["roles"]?["client"] is not null);
        Assert.Equal(clients, (realm["scopeMappings"]?.AsArray() ?? []).Concat((realm["clientScopeMappings"]?.AsObject() ?? []).SelectMany(m => m.Value!.AsArray())).Any(m => m!["client"] is not null));
        Assert.Equal(clients, realm["users"] is not null);
        Assert.Equal(clients && roles, realm["users"]?[0]!["realmRoles"] is not null);
    }

    private static async Task<(int Status, string Text)> PutAsync(AdminWorld world, string json)
    {
        var answer = await world.CallAsync("PUT", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}", new StringContent(json, Encoding.UTF8, "application/json"));
        return (answer.Status, answer.Text);
    }

    // What is expected to be null is not there.
    private static void AssertShows(JsonNode expected, JsonNode? found)
    {
        foreach (var (name, value) in expected.AsObject())
        {
            if (value is JsonObject)
            {
                AssertShows(value, found![name]);
            }
            else
            {
                Assert.Equal(value?.ToJsonString(), found![name]?.ToJsonString());
            }
        }
    }
}
