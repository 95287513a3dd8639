using System.Text.Json.Nodes;

namespace Castellan.Tests.Admin;

/// <summary>What administrators set of organizations, find of them, and what the realm's events say of who comes and goes.</summary>
public sealed class Settings_of_organizations
{
    private static async Task<(AdminWorld World, string Acme, string Globex)> OpenAsync()
    {
        var world = await AdminWorld.MakeAsync();
        var globex = await world.MakeAsync("organizations", """{"name":"Globex Inc","alias":"glob","domains":[{"name":"globex.example"},{"name":"globex.test"}],"attributes":{"tier":["gold"]}}""");
        return (world, world.Thing("organizations/{id}"), globex);
    }

    [Theory]
    [InlineData("search=GLOBEX", "Globex Inc")]
    [InlineData("search=glob%20", "")]
    [InlineData("search=globex.t", "Globex Inc")]
    [InlineData("search=%20", "Globex Inc,acme")]
    [InlineData("search=Globex%20Inc&exact=true", "Globex Inc")]
    [InlineData("search=globex%20inc&exact=true", "")]
    [InlineData("search=glob&exact=true", "")]
    [InlineData("q=alias:glob", "Globex Inc")]
    [InlineData("q=alias:glob%20tier:silver", "")]
    [InlineData("q=tier:gold&search=acme", "Globex Inc")]
    public async Task Organizations_are_found_by_name_domain_or_attributes(string query, string names)
    {
        var (world, _, _) = await OpenAsync();
        Assert.Equal(names, string.Join(',', (await world.GetAsync("organizations?" + query)).AsArray().Select(o => o!["name"]!.GetValue<string>())));
        Assert.Equal(names.Split(',', StringSplitOptions.RemoveEmptyEntries).Length, (await world.GetAsync("organizations/count?" + query)).GetValue<int>());
    }

    [Theory]
    [InlineData("""{"name":"x","alias":"a b"}""", "error", "Empty Space not allowed.")]
    [InlineData("""{"name":"x","alias":"a:b"}""", "error", "Character ':' not allowed.")]
    [InlineData("""{"alias":"a b"}""", "error", "Empty Space not allowed.")]
    [InlineData("""{"name":"a b"}""", "errorMessage", "Name cannot be used as alias: Empty Space not allowed.")]
    [InlineData("""{"name":"a/b"}""", "errorMessage", "Name cannot be used as alias: Character '/' not allowed.")]
    public async Task An_alias_stands_in_addresses(string organization, string member, string words)
    {
        var world = await AdminWorld.MakeAsync();
        var answer = await world.SendAsync("POST", "organizations", organization);
        Assert.Equal((400, words), (answer.Status, JsonNode.Parse(answer.Text)![member]!.GetValue<string>()));
    }

    [Fact]
    public async Task Attributes_that_are_not_sent_stay_and_providers_of_a_domain_that_goes_are_for_none()
    {
        var (world, _, globex) = await OpenAsync();
        Assert.Equal(204, (await world.SendAsync("POST", $"organizations/{globex}/identity-providers", "\"an-idp\"")).Status);
        var provider = (await world.GetAsync("identity-provider/instances/an-idp")).AsObject();
        provider["config"]!["kc.org.domain"] = "globex.test";
        Assert.Equal(204, (await world.SendAsync("PUT", "identity-provider/instances/an-idp", provider.ToJsonString())).Status);
        Assert.Equal(204, (await world.SendAsync("PUT", $"organizations/{globex}", """{"name":"Globex Inc","alias":"glob","domains":[{"name":"globex.example"}]}""")).Status);
        Assert.Equal("gold", (await world.GetAsync($"organizations/{globex}"))["attributes"]!["tier"]![0]!.GetValue<string>());
        Assert.Null((await world.GetAsync("identity-provider/instances/an-idp"))["config"]!["kc.org.domain"]);
    }

    /// <summary>Nobody comes by the provider of an organization that is disabled, and so it is shown.</summary>
    [Fact]
    public async Task A_provider_is_disabled_with_its_organization()
    {
        var (world, _, globex) = await OpenAsync();
        Assert.Equal(204, (await world.SendAsync("POST", $"organizations/{globex}/identity-providers", "an-idp")).Status);
        foreach (var enabled in (bool[])[false, true])
        {
            Assert.Equal(204, (await world.SendAsync("PUT", $"organizations/{globex}", $$"""{"name":"Globex Inc","alias":"glob","enabled":{{(enabled ? "true" : "false")}},"domains":[{"name":"globex.example"}]}""")).Status);
            foreach (var path in (string[])["identity-provider/instances/an-idp", $"organizations/{globex}/identity-providers/an-idp"])
            {
                Assert.Equal(enabled, (await world.GetAsync(path))["enabled"]!.GetValue<bool>());
            }

            Assert.Equal(enabled, (await world.GetAsync("identity-provider/instances")).AsArray().Single(p => p!["alias"]!.GetValue<string>() == "an-idp")!["enabled"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task Who_comes_and_goes_stands_in_the_details_of_the_event()
    {
        var (world, _, globex) = await OpenAsync();
        var bob = world.Thing("users/{user}");
        Assert.Equal(204, (await world.SendAsync("PUT", "events/config", """{"adminEventsEnabled":true,"adminEventsDetailsEnabled":true}""")).Status);
        Assert.Equal(201, (await world.SendAsync("POST", $"organizations/{globex}/members", bob)).Status);
        Assert.Equal(204, (await world.SendAsync("DELETE", $"organizations/{globex}/members/{bob}", "")).Status);
        var events = (await world.GetAsync("admin-events?resourceTypes=ORGANIZATION_MEMBERSHIP")).AsArray().Select(e => e!).ToList();
        Assert.Equal(
            [$"CREATE organizations/{globex}/members", $"DELETE organizations/{globex}/members/{bob}"],
            events.Select(e => $"{e["operationType"]} {e["resourcePath"]}").Order(StringComparer.Ordinal));
        foreach (var told in events)
        {
            Assert.Equal(("bob", "bob@example.org"), (told["details"]!["username"]!.GetValue<string>(), told["details"]!["email"]!.GetValue<string>()));
            var organization = JsonNode.Parse(told["representation"]!.GetValue<string>())!;
            Assert.Equal(("glob", null), (organization["alias"]!.GetValue<string>(), organization["attributes"]?.ToString()));
        }
    }

    /// <summary>The path goes by an organization, the answer by the person.</summary>
    [Fact]
    public async Task Organizations_of_somebody_are_all_theirs()
    {
        var (world, _, globex) = await OpenAsync();
        var listed = await world.GetAsync($"organizations/{globex}/members/{world.Thing("users/{user}")}/organizations");
        Assert.Equal("acme", Assert.Single(listed.AsArray())!["name"]!.GetValue<string>());
    }

    /// <summary>Whom an organization manages has an address of the domain that their provider is for.</summary>
    [Fact]
    public async Task The_address_of_somebody_who_is_managed_stays_in_the_domain_of_their_provider()
    {
        var world = await AdminWorld.MakeAsync();
        var acme = world.Thing("organizations/{id}");
        var bob = world.Thing("users/{user}");
        await world.ManageAsync(acme, bob);
        Assert.Equal(204, (await world.SendAsync("POST", $"organizations/{acme}/identity-providers", "an-idp")).Status);
        var user = (await world.GetAsync($"users/{bob}")).AsObject();
        async Task<Answer> PutAsync(string email)
        {
            user["email"] = email;
            return await world.SendAsync("PUT", $"users/{bob}", user.ToJsonString());
        }

        Assert.Equal(204, (await PutAsync("bob@elsewhere.example")).Status);
        var provider = (await world.GetAsync("identity-provider/instances/an-idp")).AsObject();
        provider["config"]!["kc.org.domain"] = "acme.example";
        Assert.Equal(204, (await world.SendAsync("PUT", "identity-provider/instances/an-idp", provider.ToJsonString())).Status);
        var refused = await PutAsync("bob@other.example");
        Assert.Equal(400, refused.Status);
        Assert.Contains("Email domain does not match any domain from the organization", refused.Text, StringComparison.Ordinal);
        Assert.Equal(204, (await PutAsync("bob@acme.example")).Status);
    }

    [Theory]
    [InlineData("", "ann@example.org,zoe@example.org")]
    [InlineData("?email=ZOE@", "zoe@example.org")]
    [InlineData("?search=ANN", "ann@example.org")]
    [InlineData("?max=1", "ann@example.org")]
    public async Task Invitations_are_found_by_a_part_of_their_address_or_names(string query, string addresses)
    {
        var world = await AdminWorld.MakeAsync();
        var acme = world.Thing("organizations/{id}");
        await world.InviteAsync(acme, ("zoe@example.org", "Zoe", "Zimt"), ("ann@example.org", "Ann", "Ahorn"));
        Assert.Equal(addresses, string.Join(',', (await world.GetAsync($"organizations/{acme}/invitations{query}")).AsArray().Select(i => i!["email"]!.GetValue<string>())));
    }
}
