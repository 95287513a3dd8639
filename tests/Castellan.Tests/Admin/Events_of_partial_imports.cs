using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>What the realm's events say of parts that were brought in, and what a part is told that is there already.</summary>
public sealed class Events_of_partial_imports
{
    [Fact]
    public async Task Each_part_stands_in_its_event_without_its_secrets()
    {
        var world = await AdminWorld.MakeAsync();
        Assert.Equal(204, (await world.SendAsync("PUT", "events/config", """{"adminEventsEnabled":true,"adminEventsDetailsEnabled":true}""")).Status);
        Assert.Equal(200, (await world.SendAsync("POST", "partialImport", """
            {"ifResourceExists":"FAIL","clients":[{"clientId":"brought","secret":"not-for-events"}],"roles":{"realm":[{"name":"brought-role"}]},
             "groups":[{"name":"brought-group","path":"/brought-group"}],
             "identityProviders":[{"alias":"brought-idp","providerId":"oidc","config":{"clientSecret":"not-for-events"}}],
             "users":[{"username":"brought-user","credentials":[{"type":"password","value":"not-for-events"}]}]}
            """)).Status);
        var told = (await world.GetAsync("admin-events?resourceTypes=REALM&operationTypes=CREATE")).AsArray().Select(e => (Path: e!["resourcePath"]!.GetValue<string>(), Text: e["representation"]?.GetValue<string>() ?? "")).ToList();
        foreach (var (kind, name) in ((string, string)[])[("clients", "brought"), ("realms", "brought-role"), ("groups", "brought-group"), ("identity-provider-settings", "brought-idp"), ("users", "brought-user")])
        {
            var (path, text) = Assert.Single(told, e => e.Path.StartsWith(kind + "/", StringComparison.Ordinal));
            var part = JsonNode.Parse(text)!;
            Assert.Equal(name, (part["clientId"] ?? part["alias"] ?? part["username"] ?? part["name"])!.GetValue<string>());
            Assert.Equal(path[(kind.Length + 1)..], (part["id"] ?? part["internalId"])!.GetValue<string>());
            Assert.DoesNotContain("not-for-events", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false, "User with user name bob already exists.")]
    [InlineData(true, "User with user name bob or with email new@example.org already exists.")]
    public async Task A_person_who_is_there_is_told_by_what_may_be_shared(bool shared, string sentence)
    {
        var world = await AdminWorld.MakeAsync();
        Assert.Equal(204, (await world.SendAsync("PUT", "", $$"""{"duplicateEmailsAllowed":{{(shared ? "true" : "false")}},"loginWithEmailAllowed":{{(shared ? "false" : "true")}} }""")).Status);
        var answer = await world.SendAsync("POST", "partialImport", """{"ifResourceExists":"FAIL","users":[{"username":"bob","email":"new@example.org"}]}""");
        Assert.Equal((409, sentence), (answer.Status, JsonNode.Parse(answer.Text)!["errorMessage"]!.GetValue<string>()));
    }
}
