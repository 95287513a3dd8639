namespace Castellan.Tests.Security;

/// <summary>What files of old releases say must not open what no file of today could.</summary>
public sealed class Old_realm_files
{
    /// <summary>CVE-2026-49443: a step that is passed without proof.</summary>
    [Theory, InlineData("correct-horse"), InlineData("wrong"), InlineData("")]
    public async Task Where_no_password_is_required_nobody_gets_tokens_by_a_name(string password)
    {
        foreach (var credentials in (List<string>[])[[], ["kerberos"]])
        {
            var realm = await (await TestServer.OneAsync()).RealmAsync(file => file.RequiredCredentials = credentials);
            (string, string)[] form = [.. TestRealm.Credentials("api"), ("grant_type", "password"), ("username", "alice")];
            (await realm.PostAsync("token", password.Length == 0 ? form : [.. form, ("password", password)])).Refuses(400, "invalid_grant", "Invalid user credentials");
        }
    }
}
