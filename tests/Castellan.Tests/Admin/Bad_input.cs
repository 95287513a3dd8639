using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Castellan.Server.Admin;

namespace Castellan.Tests.Admin;

/// <summary>Every route of the admin API, about things that exist, given what is none of its own: it says so in the forms of refusals, and changes nothing.</summary>
public sealed class Bad_input
{
    private static readonly Lazy<Task<AdminWorld>> s_world = new(AdminWorld.MakeAsync);

    /// <summary>Routes that read no body: what is sent to them is not looked at.</summary>
    private static readonly HashSet<string> s_bodyless = new(StringComparer.Ordinal)
    {
        "POST logout-all", "POST push-revocation", "POST clear-realm-cache", "POST clear-user-cache", "POST clear-keys-cache", "POST clear-crl-cache",
        "PUT default-groups/{group}", "PUT default-default-client-scopes/{scope}", "PUT default-optional-client-scopes/{scope}",
        "POST users/{user}/impersonation", "POST users/{user}/logout", "PUT users/{user}/groups/{group}",
        "POST users/{user}/credentials/{credential}/moveToFirst", "POST users/{user}/credentials/{credential}/moveAfter/{previous}",
        "PUT users/{user}/reset-password-email", "PUT users/{user}/send-verify-email", "POST clients/{client}/client-secret", "POST clients/{client}/push-revocation",
        "POST clients/{client}/certificates/{name}/generate", "POST clients/{client}/registration-access-token",
        "PUT clients/{client}/default-client-scopes/{scope}", "PUT clients/{client}/optional-client-scopes/{scope}",
        "POST authentication/executions/{execution}/raise-priority", "POST authentication/executions/{execution}/lower-priority",
        "POST authentication/required-actions/{alias}/raise-priority", "POST authentication/required-actions/{alias}/lower-priority",
        "POST user-storage/{id}/sync", "POST user-storage/{id}/mappers/{mapper}/sync", "POST user-storage/{id}/remove-imported-users", "POST user-storage/{id}/unlink-users",
        "PUT organizations/{id}/groups/{group}/members/{user}", "POST organizations/{id}/invitations/{invitation}/resend", "POST partial-export",
        "PUT clients/{client}/authz/resource-server/policy/{type}", "PUT clients/{client}/authz/resource-server/permission/{type}",
    };

    /// <summary>Routes that take any text.</summary>
    private static readonly HashSet<string> s_text = new(StringComparer.Ordinal)
    {
        "PUT localization/{locale}/{key}", "PUT users/{user}/credentials/{credential}/userLabel",
    };

    /// <summary>Routes that take forms, files or bare ids beside JSON or instead of it.</summary>
    private static readonly HashSet<string> s_manyKinds = new(StringComparer.Ordinal)
    {
        "POST testSMTPConnection", "POST localization/{locale}", "POST organizations/{id}/members", "POST organizations/{id}/identity-providers",
        "POST organizations/{id}/members/invite-user", "POST organizations/{id}/members/invite-existing-user", "POST client-description-converter",
        "POST identity-provider/import-config", "POST identity-provider/upload-certificate", "POST clients/{client}/certificates/{name}/upload", "POST clients/{client}/certificates/{name}/upload-certificate",
        "POST workflows", "PUT workflows/{id}",
    };

    /// <summary>Routes about names that need not be there, and what one asks or does about them is empty.</summary>
    private static readonly HashSet<string> s_anyName = new(StringComparer.Ordinal)
    {
        "GET localization/{locale}", "POST localization/{locale}", "DELETE localization/{locale}", "PUT localization/{locale}/{key}", "DELETE localization/{locale}/{key}",
        "GET attack-detection/brute-force/users/{user}", "DELETE attack-detection/brute-force/users/{user}", "DELETE clients-initial-access/{id}",
        "GET clients/{client}/certificates/{name}", "POST clients/{client}/certificates/{name}/generate", "GET workflows/scheduled/{resource}",
        "GET clients/{client}/protocol-mappers/protocol/{protocol}", "GET client-scopes/{scope}/protocol-mappers/protocol/{protocol}",
        "GET organizations/{id}/members/{user}/organizations", "GET organizations/members/{user}/organizations", "POST users/{user}/federated-identity/{provider}", "DELETE users/{user}/federated-identity/{provider}",
    };

    /// <summary>Bodies that no route can take.</summary>
    public static TheoryData<string, string> Broken => new()
    {
        { "half of an object", "{\"name\":" },
        { "no JSON", "name=x" },
        { "nothing", "" },
        { "a word", "nonsense" },
        { "a zero byte", "\u0000" },
        { "a number", "12" },
        { "nothing in a place of a list", """{"name":"n","attributes":{"b":["x",null]}}""" },
        { "too deep", new string('[', 2_000) + new string(']', 2_000) },
    };

    /// <summary>Bodies that some routes can take in part.</summary>
    public static TheoryData<string, string> Odd => new()
    {
        { "null", "null" },
        { "an empty object", "{}" },
        { "an empty list", "[]" },
        { "a list of nothing", "[null]" },
        { "a list of empty objects", "[{}]" },
        { "a list of lists", "[[]]" },
        { "wrong types", """{"name":{"a":1},"id":[1],"enabled":"perhaps","config":5,"attributes":7,"clientId":{},"alias":[],"username":[]}""" },
        { "a member that nobody knows", """{"nonsense":1}""" },
        { "a list of members that nobody knows", """[{"nonsense":1}]""" },
        { "members without a value", Members("null") },
        { "members of lists without a value", Members("[null]") },
        { "members that are empty", Members("\"\"") },
        { "names alone that are empty", """{"name":"","alias":"","username":"","clientId":"","providerId":"","realm":""}""" },
        { "a name alone", """{"name":"some-name"}""" },
        { "an alias alone", """{"alias":"some-alias"}""" },
        { "a list of a name alone", """[{"name":"some-name"}]""" },
        { "a list of an id alone", """[{"id":"00000000-0000-0000-0000-000000000000"}]""" },
        { "a list of ids and names", """[{"id":"00000000-0000-0000-0000-000000000000","name":"some-name"}]""" },
        { "names with a zero character", """{"name":"a\u0000b","alias":"a\u0000b","username":"a\u0000b","clientId":"a\u0000b"}""" },
        { "a name with a zero character", """{"name":"a\u0000b"}""" },
        { "an alias with a zero character", """{"alias":"a\u0000b"}""" },
        { "half a character", """{"name":"\ud800"}""" },
        { "an alias of half a character", """{"alias":"\ud800"}""" },
        { "a long name", $$"""{"name":"{{new string('x', 100_000)}}"}""" },
        { "a long alias", $$"""{"alias":"{{new string('x', 100_000)}}"}""" },
        { "config without values", """{"name":"n","alias":"a","providerId":"x","providerType":"y","config":{"a":null}}""" },
        { "parents that do not exist", """{"name":"n","parentId":"00000000-0000-0000-0000-000000000000"}""" },
    };

    public static TheoryData<string> Parameters => ["first=-5&max=-7", "first=x&max=y", "max=99999999999999999999", "search=%00", "q=:", "q=a:", "q=%22", "type=", "username=%ED%A0%80", "dateFrom=yesterday&dateTo=13-13-2020", "userId=x&scope=%00&audience=x"];

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Is_refused_and_changes_nothing(string what, string body)
    {
        var world = await s_world.Value;
        var before = await world.PictureAsync();
        var wrong = new List<string>();
        foreach (var route in Takers().Where(r => !s_text.Contains(Name(r)) && !(body.Length == 0 && r.Method == "DELETE")))
        {
            // No body at all behind a DELETE means everything.
            var answer = await world.CallAsync(route.Method, world.Address(route), Json(body));
            if (answer.Status is < 400 or >= 500 || !IsRefusal(route, answer))
            {
                wrong.Add($"{Name(route)}: {answer.Status} {answer.Text}");
            }
        }

        Assert.True(wrong.Count == 0, what + "\n" + string.Join('\n', wrong));
        Assert.Equal(before, await world.PictureAsync());
    }

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task Is_answered_in_the_forms_of_answers(string what, string body)
    {
        // What is taken may change much.
        var world = await AdminWorld.MakeAsync();
        var wrong = new List<string>();
        foreach (var route in Takers().OrderBy(r => r.Method is "DELETE"))
        {
            var before = await world.MarkAsync();
            var answer = await world.CallAsync(route.Method, world.Address(route), Json(body));
            var changed = before != await world.MarkAsync();
            if ((answer.Status >= 500 && !IsExpected(route, answer)) || (answer.Status >= 400 && (!IsRefusal(route, answer) || changed)))
            {
                wrong.Add($"{Name(route)}: {answer.Status} {answer.Text} {(changed ? "and has changed something" : "")}");
            }
        }

        Assert.True(wrong.Count == 0, what + "\n" + string.Join('\n', wrong));
    }

    /// <summary>Names, wherever they stand; and what only looks like one.</summary>
    [Theory]
    [InlineData("""{"realm":"LONG"}""", "realm")]
    [InlineData("""{"clients":[{"clientId":"a"},{"clientId":"LONG"}]}""", "clientId")]
    [InlineData("""{"eventsListeners":["jboss-logging","LONG"]}""", "eventsListeners")]
    [InlineData("""{"enabledEventTypes":["LOGIN"],"supportedLocales":["LONG"]}""", "supportedLocales")]
    [InlineData("""{"clients":[{"defaultRoles":["a","LONG"]}]}""", "defaultRoles")]
    [InlineData("""{"clients":[{"optionalClientScopes":["LONG"]}]}""", "optionalClientScopes")]
    [InlineData("""{"users":[{"clientRoles":{"app":["a"],"web":["LONG"]}}]}""", "clientRoles")]
    [InlineData("""{"roles":{"client":{"web":[{"name":"LONG"}]}}}""", "name")]
    [InlineData("""{"attributes":{"x":["y"]},"scopes":[{"displayName":"LONG"},{"name":"LONG"}]}""", "name")]
    [InlineData("""{"attributes":{"name":"LONG","realmRoles":["LONG"],"scopes":{"name":"LONG"}}}""", null)]
    [InlineData("""{"components":{"x":[{"name":"x","config":{"name":["LONG"],"id":["LONG"]}}]}}""", null)]
    [InlineData("""{"roles":{"realm":[{"name":"a","description":"LONG","attributes":{"type":["LONG"]}}]},"redirectUris":["LONG"]}""", null)]
    [InlineData("""{"scopes":[{"displayName":"LONG","iconUri":"LONG"}],"displayName":"LONG"}""", null)]
    public void A_name_is_of_the_length_of_names(string body, string? what)
    {
        Assert.Equal(what is null ? null : $"The value of {what} is longer than 255 characters", Told(256));
        Assert.Null(Told(255));

        string? Told(int length)
        {
            string? told = null;
            var json = Encoding.UTF8.GetBytes(body.Replace("LONG", new string('x', length), StringComparison.Ordinal));
            var refused = BodyLimits.Refuse(json, why => AdminAnswer.Error(400, told = why));
            Assert.Equal((told is null, BodyLimits.Refuse(json)?.Status), (refused is null, refused?.Status));
            return told;
        }
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/octet-stream")]
    public async Task Of_another_kind_is_refused(string type)
    {
        var world = await s_world.Value;
        var before = await world.PictureAsync();
        var wrong = new List<string>();
        foreach (var route in Takers().Where(r => !s_text.Contains(Name(r)) && !s_manyKinds.Contains(Name(r))))
        {
            var answer = await world.CallAsync(route.Method, world.Address(route), new StringContent("{}", Encoding.UTF8, type));
            if ((answer.Status, answer.Text) != (415, """{"error":"HTTP 415 Unsupported Media Type"}"""))
            {
                wrong.Add($"{Name(route)}: {answer.Status} {answer.Text}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(before, await world.PictureAsync());
    }

    [Fact]
    public async Task Too_much_is_refused()
    {
        var world = await s_world.Value;
        var before = await world.PictureAsync();
        var wrong = new List<string>();
        // What may be longer than any request is refused before routes are looked at (Gate).
        foreach (var route in Takers().Where(r => r.MaxBody < Server.Http.Gate.LongestBody && !s_manyKinds.Contains(Name(r))))
        {
            var answer = await world.CallAsync(route.Method, world.Address(route), Json(new string(' ', (int)route.MaxBody + 1)), asksFirst: true);
            if (answer.Status != 413)
            {
                wrong.Add($"{Name(route)}: {answer.Status} {answer.Text}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(before, await world.PictureAsync());
    }

    [Theory]
    [InlineData(AdminWorld.Nobody)]
    [InlineData("a%20b%2Fc")]
    [InlineData("%C3%A4")]
    public async Task About_what_is_not_there_finds_nothing(string id)
    {
        var world = await s_world.Value;
        var before = await world.PictureAsync();
        var wrong = new List<string>();
        foreach (var route in AdminRoutes.All.Where(r => r.InRealm && Below(r).Contains('{', StringComparison.Ordinal) && !s_anyName.Contains(Name(r))))
        {
            var answer = await world.CallAsync(route.Method, world.Address(route, id), route.Method is "POST" or "PUT" ? Json("{}") : null);
            if (answer.Status is < 400 or >= 500 || !IsRefusal(route, answer))
            {
                wrong.Add($"{Name(route)}: {answer.Status} {answer.Text}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(before, await world.PictureAsync());
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task In_parameters_is_answered_in_the_forms_of_answers(string query)
    {
        var world = await s_world.Value;
        var wrong = new List<string>();
        foreach (var route in AdminRoutes.All.Where(r => r.InRealm && r.Method == "GET"))
        {
            var answer = await world.CallAsync(route.Method, world.Address(route) + "?" + query);
            if (answer.Status >= 400 && answer.Status != 501 && (answer.Status >= 500 || !IsRefusal(route, answer)))
            {
                wrong.Add($"{Below(route)}: {answer.Status} {answer.Text}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string Name(AdminRoute route) => route.Method + " " + Below(route);

    private static string Below(AdminRoute route) => route.Template.Length > 22 ? route.Template["/admin/realms/{realm}/".Length..] : "";

    private static IEnumerable<AdminRoute> Takers() => AdminRoutes.All.Where(r =>
        r.InRealm && (r.Method is "POST" or "PUT" || (r.Method is "DELETE" && (r.Template.Contains("-mappings/", StringComparison.Ordinal) || r.Template.EndsWith("/composites", StringComparison.Ordinal))))
        && !s_bodyless.Contains(Name(r)) && !r.Template.EndsWith("/management/permissions", StringComparison.Ordinal)
        && Below(r) is not ("client-types" or "users-management-permissions"));

    /// <summary>A mail that cannot be sent is answered 500, as Keycloak does; 501 is for what is off.</summary>
    private static bool IsExpected(AdminRoute route, Answer answer) => answer.Status == 501
        || route.Template.EndsWith("/testSMTPConnection", StringComparison.Ordinal) || route.Template.EndsWith("-email", StringComparison.Ordinal);

    private static string Members(string value) => "{" + string.Join(',', """
        name alias id username email clientId providerId providerType protocol protocolMapper config attributes redirectUris webOrigins realmRoles clientRoles groups
        credentials requiredActions roles scopes resources policies users clients domains members executions authenticationExecutions type value enabled identityProviderMapper
        identityProviderAlias uris stepsd profiles
        """.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(n => $"\"{n}\":{value}")) + "}";

    private static StringContent Json(string body) => new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    /// <summary><c>{"error": …}</c> with or without a description, or <c>{"errorMessage": …}</c> with or without a field.</summary>
    private static bool IsRefusal(AdminRoute route, Answer answer)
    {
        // Scopes that are not there, and searches for nothing in authorization services: a status alone, as Keycloak has it.
        if (answer.Text.Length == 0)
        {
            return route.Template.Contains("/authz/resource-server/", StringComparison.Ordinal);
        }

        try
        {
            using var json = JsonDocument.Parse(answer.Text);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && (json.RootElement.TryGetProperty("error", out _) || json.RootElement.TryGetProperty("errorMessage", out _) || json.RootElement.TryGetProperty("errors", out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Ids are kept line by line in places: one that read as two would be a role or a group that nobody was given.</summary>
    [Theory]
    [InlineData("roles", """{"name":"lines","id":"a\nb"}""", 400)]
    [InlineData("roles", """{"name":"lines","\u0069d":"a\nb"}""", 400)]
    [InlineData("groups", """{"name":"lines","id":"a\nb"}""", 400)]
    [InlineData("users", """{"username":"lines","id":"a\u000ab"}""", 400)]
    [InlineData("partialImport", """{"ifResourceExists":"FAIL","roles":{"realm":[{"name":"lines","id":"a\nb"}]}}""", 400)]
    [InlineData("roles", """{"name":"attribute","description":"a\nb","attributes":{"id":["a\nb"]}}""", 201)]
    public async Task An_id_of_two_lines(string path, string body, int status)
    {
        var world = await s_world.Value;
        var answer = await world.CallAsync("POST", $"{world.Realm.Server.Url}/admin/realms/{world.Realm.Name}/{path}", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.Equal(status, answer.Status);
    }
}
