using System.Text.Json;
using Castellan.Core.Authorization;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Authorization;

/// <summary>What permissions make of policies, without a server in between.</summary>
public sealed class Permissions_are_evaluated
{
    private static readonly ScopeRepresentation s_view = new() { Id = "view", Name = "view" };
    private static readonly ScopeRepresentation s_edit = new() { Id = "edit", Name = "edit" };
    private static readonly ProtectedResource s_album = new(new() { Id = "album", Name = "album", Type = "urn:album" }, "client", ["view", "edit"]);
    private static readonly Policy s_yes = User("yes", "alice");
    private static readonly Policy s_no = User("no", "somebody else");

    [Theory]
    [InlineData("UNANIMOUS", "yes", true)]
    [InlineData("UNANIMOUS", "yes no", false)]
    [InlineData("AFFIRMATIVE", "yes no", true)]
    [InlineData("AFFIRMATIVE", "no", false)]
    [InlineData("CONSENSUS", "yes no", false)]
    [InlineData("CONSENSUS", "yes not-no no", true)]
    public async Task A_permission_joins_its_policies_by_its_strategy(string strategy, string applied, bool granted)
    {
        var answer = await AskAsync([Permission("p", "resource", strategy, ["album"], [], applied.Split(' '))]);
        Assert.Equal(granted, answer!.Granted);
        Assert.Equal(2, answer.Scopes.Count);
    }

    [Fact]
    public async Task A_scope_that_is_denied_is_taken_from_what_is_granted()
    {
        Policy[] permissions = [Permission("all", "resource", "UNANIMOUS", ["album"], [], ["yes"]), Permission("edit", "scope", "UNANIMOUS", ["album"], ["edit"], ["no"])];
        Assert.Equal(["view"], (await AskAsync(permissions))!.Scopes.Select(s => s.Id));
        Assert.Equal(["view", "edit"], (await AskAsync(permissions, strategy: "AFFIRMATIVE"))!.Scopes.Select(s => s.Id));
    }

    [Fact]
    public async Task A_resource_permission_that_denies_takes_every_scope()
    {
        Policy[] permissions = [Permission("one", "resource", "UNANIMOUS", ["album"], [], ["yes"]), Permission("other", "resource", "UNANIMOUS", ["album"], [], ["no"])];
        Assert.False((await AskAsync(permissions))!.Granted);
        Assert.True((await AskAsync(permissions, strategy: "AFFIRMATIVE"))!.Granted);
    }

    [Theory]
    [InlineData("ENFORCING", false)]
    [InlineData("PERMISSIVE", true)]
    [InlineData("DISABLED", true)]
    public async Task What_no_permission_covers_hangs_on_the_enforcement(string mode, bool granted) =>
        Assert.Equal(granted, (await AskAsync([], mode: mode))?.Granted ?? false);

    [Theory]
    [InlineData("PERMISSIVE", false)]
    [InlineData("DISABLED", true)]
    public async Task A_permission_without_policies_denies(string mode, bool granted) =>
        Assert.Equal(granted, (await AskAsync([Permission("bare", "resource", "UNANIMOUS", ["album"], [], [])], mode: mode))?.Granted ?? false);

    [Fact]
    public async Task A_permission_covers_a_type_a_scope_anywhere_or_the_resource_that_it_names()
    {
        var ofType = new Policy(new() { Id = "t", Name = "t", Type = "resource", Config = new() { ["defaultResourceType"] = "urn:album" } }, [], [], ["yes"]);
        Assert.True((await AskAsync([ofType]))!.Granted);
        Assert.Equal(["edit"], (await AskAsync([Permission("s", "scope", "UNANIMOUS", [], ["edit"], ["yes"])]))!.Scopes.Select(s => s.Id));
        Assert.Null(await AskAsync([Permission("s", "scope", "UNANIMOUS", ["another"], ["edit"], ["yes"])]));
    }

    /// <summary>What is about the type does not take what a permission for the resource itself gives, but opposes it where there is no scope to be given.</summary>
    [Theory]
    [InlineData("client", "type:no near:yes", "view edit")]
    [InlineData("client", "near:no type:yes", "")]
    [InlineData("client", "type:no anywhere:yes", "")]
    [InlineData("bob", "kin:no near:yes", "view edit")]
    [InlineData("bob", "kin:no type:yes", "")]
    [InlineData("bob", "kin-edit:no near:yes", "view edit")]
    [InlineData("client", "edit:no near:yes", "view")]
    public async Task What_is_nearer_goes_first(string owner, string given, string granted)
    {
        var permissions = given.Split(' ').Select(p => p.Split(':') switch
        {
            ["near", var by] => Permission("near", "resource", "UNANIMOUS", ["album"], [], [by]),
            ["kin", var by] => Permission("kin", "resource", "UNANIMOUS", ["typed"], [], [by]),
            ["kin-edit", var by] => Permission("kin", "scope", "UNANIMOUS", ["typed"], ["edit"], [by]),
            ["edit", var by] => Permission("edit", "scope", "UNANIMOUS", [], ["edit"], [by]),
            ["anywhere", var by] => Permission("anywhere", "scope", "UNANIMOUS", [], ["view", "edit"], [by]),
            [_, var by] => new Policy(new() { Id = "type", Name = "type", Type = "resource", Config = new() { ["defaultResourceType"] = "urn:album" } }, [], [], [by]),
            _ => throw new ArgumentException(p, nameof(given)),
        });
        var typed = new ProtectedResource(new() { Id = "typed", Name = "typed", Type = "urn:album" }, "client", ["view", "edit"]);
        var answer = await AskAsync([.. permissions], asked: new(s_album with { OwnerId = owner }, [s_view, s_edit]), typed: typed);
        Assert.Equal(granted, answer!.Granted ? string.Join(' ', answer.Scopes.Select(s => s.Id)) : "");
    }

    /// <summary>A resource that has no scopes any more is not given by what its owner gave of the scopes that it had.</summary>
    [Theory]
    [InlineData("UNANIMOUS", "uma:", true)]
    [InlineData("UNANIMOUS", "uma:view", false)]
    [InlineData("AFFIRMATIVE", "uma:view", false)]
    [InlineData("UNANIMOUS", "uma:view resource:yes", true)]
    [InlineData("UNANIMOUS", "uma: resource:no", true)]
    [InlineData("UNANIMOUS", "resource:yes resource:no", false)]
    [InlineData("AFFIRMATIVE", "resource:yes resource:no", false)]
    public async Task What_an_owner_gave_of_a_resource_is_not_the_resource(string strategy, string given, bool granted)
    {
        var bare = new ProtectedResource(new() { Id = "album", Name = "album", OwnerManagedAccess = true }, "bob", []);
        var permissions = given.Split(' ').Select((p, i) => p.Split(':') switch
        {
            ["uma", var scope] => Permission($"p{i}", PolicyTypes.Owners, "UNANIMOUS", ["album"], scope is "" ? [] : [scope], ["yes"]),
            [var type, var policy] => Permission($"p{i}", type, "UNANIMOUS", ["album"], [], [policy]),
            _ => throw new ArgumentException(p, nameof(given)),
        });
        Assert.Equal(granted, (await AskAsync([.. permissions], strategy: strategy, asked: new(bare, [])))!.Granted);
    }

    [Fact]
    public async Task A_policy_that_hangs_on_itself_denies()
    {
        var loop = new Policy(new() { Id = "loop", Name = "loop", Type = "aggregate", Config = [] }, [], [], ["loop"]);
        Assert.False((await AskAsync([loop, Permission("p", "resource", "UNANIMOUS", ["album"], [], ["loop"])]))!.Granted);
    }

    [Theory]
    [InlineData("regex", """{"targetClaim":"email","pattern":".+@example[.]org"}""", true)]
    [InlineData("regex", """{"targetClaim":"email","pattern":"example"}""", false)]
    [InlineData("regex", """{"targetClaim":"address.country","pattern":"CH"}""", true)]
    [InlineData("regex", """{"targetClaim":"none","pattern":".*"}""", false)]
    [InlineData("regex", """{"targetClaim":"access.roles","pattern":".*boss.*"}""", true)]
    [InlineData("regex", """{"targetClaim":"access.roles","pattern":"[\\[]clerk, boss[\\]]"}""", true)]
    [InlineData("regex", """{"targetClaim":"access.at[1].country","pattern":"IT"}""", true)]
    [InlineData("regex", """{"targetClaim":"access.at[2].country","pattern":".*"}""", false)]
    [InlineData("regex", """{"targetClaim":"a\\.b","pattern":"c"}""", true)]
    [InlineData("time", """{"nbf":"2026-01-02","noa":"2026-01-03"}""", true)]
    [InlineData("time", """{"noa":"2026-01-02"}""", false)]
    [InlineData("regex", """{"targetClaim":"device","pattern":"phone","targetContextAttributes":"true"}""", true)]
    [InlineData("regex", """{"targetClaim":"email","pattern":"("}""", null)]
    [InlineData("regex", """{"targetClaim":"long","pattern":"(a+)+b"}""", null)]
    [InlineData("regex", """{"targetClaim":"huge","pattern":"a*"}""", null)]
    [InlineData("time", "{}", true)]
    [InlineData("time", """{"nbf":"2026-01-02 03:04:05","noa":"2026-01-02 03:04:05"}""", true)]
    [InlineData("time", """{"nbf":"2026-01-02 03:04:06"}""", false)]
    [InlineData("time", """{"noa":"2026-01-02 03:04:04"}""", false)]
    [InlineData("time", """{"hour":"3","hourEnd":"4","month":"1"}""", true)]
    [InlineData("time", """{"minute":"5","minuteEnd":"9"}""", false)]
    [InlineData("user", """{"users":"[\"alice\"]"}""", true)]
    [InlineData("role", """{"roles":"[]"}""", false)]
    [InlineData("unheard-of", "{}", null)]
    public async Task Each_type_of_policy_has_its_rule(string type, string config, bool? holds)
    {
        // What cannot be decided denies either way.
        var settings = JsonSerializer.Deserialize(config, AdminJson.Default.DictionaryStringString)!.ToDictionary(c => c.Key, c => (string?)c.Value);
        var policy = new Policy(new() { Id = "it", Name = "it", Type = type, Config = settings }, [], [], []);
        var permission = Permission("p", "resource", "UNANIMOUS", ["album"], [], ["it"]);
        Assert.Equal(holds is true, (await AskAsync([policy, permission]))!.Granted);
        var turned = new Policy(new() { Id = "it", Name = "it", Type = type, Logic = "NEGATIVE", Config = settings }, [], [], []);
        Assert.Equal(holds is false, (await AskAsync([turned, permission]))!.Granted);
    }

    /// <summary>An aggregate that is turned round makes nothing of what could not be decided; what is decided without it stands.</summary>
    [Theory]
    [InlineData("NEGATIVE", "AFFIRMATIVE", "bad", false)]
    [InlineData("NEGATIVE", "AFFIRMATIVE", "no bad", false)]
    [InlineData("NEGATIVE", "UNANIMOUS", "yes bad", false)]
    [InlineData("NEGATIVE", "UNANIMOUS", "no", true)]
    [InlineData("POSITIVE", "AFFIRMATIVE", "yes bad", true)]
    [InlineData("POSITIVE", "UNANIMOUS", "yes bad", false)]
    [InlineData("NEGATIVE", "UNANIMOUS", "all", false)]
    public async Task What_cannot_be_decided_is_not_turned_round(string logic, string strategy, string parts, bool granted)
    {
        var bad = new Policy(new() { Id = "bad", Name = "bad", Type = "regex", Config = new() { ["targetClaim"] = "email", ["pattern"] = "(" } }, [], [], []);
        var all = new Policy(new() { Id = "all", Name = "all", Type = "aggregate", Logic = logic, DecisionStrategy = strategy, Config = [] }, [], [], parts.Split(' '));
        Assert.Equal(granted, (await AskAsync([bad, all, Permission("p", "resource", "UNANIMOUS", ["album"], [], ["all"])]))!.Granted);
    }

    [Fact]
    public async Task Roles_are_the_tokens_unless_the_policy_fetches_them()
    {
        var realm = await RealmAsync();
        var role = realm.Roles.FindRealmRole("default-roles-" + realm.Name.ToLowerInvariant())!;
        var config = new Dictionary<string, string?> { ["roles"] = $$"""[{"id":"{{role.Id}}","required":true}]""" };
        var permission = Permission("p", "resource", "UNANIMOUS", ["album"], [], ["it"]);
        Policy Roles() => new(new() { Id = "it", Name = "it", Type = "role", Config = new(config) }, [], [], []);
        Assert.False((await AskAsync([Roles(), permission]))!.Granted);
        config["fetchRoles"] = "true";
        Assert.True((await AskAsync([Roles(), permission], roleIds: [role.Id]))!.Granted);
    }

    private static Policy User(string id, string user) => new(new() { Id = id, Name = id, Type = "user", Config = new() { ["users"] = $"[\"{user}\"]" } }, [], [], []);

    private static Policy Permission(string id, string type, string strategy, string[] resources, string[] scopes, string[] policies) =>
        new(new() { Id = id, Name = id, Type = type, DecisionStrategy = strategy, Config = [] }, resources, scopes, policies);

    private static readonly Lazy<Task<Realm>> s_realm = new(async () => await (await (await TestServer.OneAsync()).RealmAsync()).NowAsync());

    private static Task<Realm> RealmAsync() => s_realm.Value;

    private static async Task<PermissionAnswer?> AskAsync(Policy[] policies, string mode = "ENFORCING", string strategy = "UNANIMOUS", string[]? roleIds = null, AskedPermission? asked = null, ProtectedResource? typed = null)
    {
        using var claims = JsonDocument.Parse($$"""{"sub":"alice","email":"alice@example.org","address":{"country":"CH"},"access":{"roles":["clerk","boss"],"at":[{"country":"CH"},{"country":"IT"}]},"a.b":"c","long":"{{new string('a', 60)}}","huge":"{{new string('a', 5_000)}}"}""");
        var notNo = new Policy(new() { Id = "not-no", Name = "not-no", Type = "user", Logic = "NEGATIVE", Config = new() { ["users"] = "[]" } }, [], [], []);
        var evaluation = new PermissionEvaluation(
            new("client", new() { PolicyEnforcementMode = mode, DecisionStrategy = strategy }, [s_yes, s_no, notNo, .. policies], (_, _) => new(typed is null ? [] : [typed])),
            new()
            {
                Realm = await RealmAsync(), Clients = (await TestServer.OneAsync()).Services.GetRequiredService<IClients>(),
                User = new(new() { Id = "alice", Username = "alice" }, roleIds ?? [], []), Claims = claims.RootElement.Clone(),
                Attributes = new Dictionary<string, IReadOnlyList<string>> { ["device"] = ["phone"] }, Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            });
        return await evaluation.AnswerAsync(asked ?? new(s_album, [s_view, s_edit]));
    }
}
