using Castellan.Core.Authorization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Storage;

namespace Castellan.Tests.Storage;

public class Authorization_is_kept
{
    private const string Client = "c";

    [Theory, ClassData(typeof(Engines))]
    public async Task Resources_are_found_by_each_of_their_sides(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (_, store) = await WorldAsync(db);
        Assert.Equal(["album", "Alice's", "printer"], (await Names(store, new())).Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal(["Alice's"], await Names(store, new(Name: "LICE")));
        Assert.Equal(["album"], await Names(store, new(Name: "ALBUM", Exact: true)));
        Assert.Empty(await Names(store, new(Name: "albu", Exact: true)));
        Assert.Equal(["album"], await Names(store, new(Uri: "/Album/*")));
        Assert.Empty(await Names(store, new(Uri: "/album")));
        Assert.Equal(["album"], await Names(store, new(HasUris: true)));
        Assert.Equal(["Alice's"], await Names(store, new(Owner: "id-alice")));
        Assert.Equal(2, (await Names(store, new(Type: "urn:PHOTO"))).Count);
        Assert.Empty(await Names(store, new(Type: "urn:", ExactType: true)));
        Assert.Equal(["album"], await Names(store, new(ScopeIds: ["s-view"], Owner: Client)));
        Assert.Empty(await Names(store, new(ScopeIds: [])));
        Assert.Equal("r-album", (await store.FindResourceAsync("r", Client, Client, "album"))!.Id);
        Assert.Null(await store.FindResourceAsync("other", Client, "r-album"));
        Assert.Equal(["s-edit", "s-view"], (await store.FindResourceAsync("r", Client, "r-album"))!.ScopeIds.Order());
        Assert.Single(await store.ResourcesAsync("r", Client, new(), first: 1, max: 1));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Names_are_unique_in_a_resource_server_and_of_resources_for_an_owner(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (configuration, _) = await WorldAsync(db);
        foreach (var change in new Change[] { Scope("other", "view"), Resource("other", "album", Client), Policy("other", "p") })
        {
            await Assert.ThrowsAsync<DuplicateException>(async () => await configuration.ApplyAsync(new ChangeSet("r").Add(change)));
        }

        await configuration.ApplyAsync(new ChangeSet("r").Add(Resource("r-album-2", "album", "id-alice")));

        // An id that belongs to another realm is nobody's to write.
        await configuration.ApplyAsync(new ChangeSet("r2").Add(new PutRealm(new() { Id = "r2", Realm = "r2" })));
        await Assert.ThrowsAsync<DuplicateException>(async () => await configuration.ApplyAsync(new ChangeSet("r2").Add(Scope("s-view", "x"))));
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task What_goes_takes_its_links_with_it(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (configuration, store) = await WorldAsync(db);
        Assert.Equal("r-album s-view p", Links((await store.PoliciesAsync("r", Client)).Single(p => p.Id == "q")));
        await configuration.ApplyAsync(new ChangeSet("r")
            .Add(new DeleteProtectedResource(Client, "r-album")).Add(new DeletePolicy(Client, "p")).Add(new DeleteAuthorizationScope(Client, "s-view")));
        Assert.Equal("", Links(Assert.Single(await store.PoliciesAsync("r", Client))));
        Assert.Empty((await store.FindResourceAsync("r", Client, "r-alice"))!.ScopeIds);

        await configuration.ApplyAsync(new ChangeSet("r").Add(new DeleteUser("id-alice")));
        Assert.Null(await store.FindResourceAsync("r", Client, "r-alice"));
        await configuration.ApplyAsync(new ChangeSet("r").Add(new DeleteClient(Client)));
        Assert.Equal(0, await db.ScalarAsync(
            $"SELECT (SELECT count(*) FROM authorization_scope) + (SELECT count(*) FROM authorization_resource) + (SELECT count(*) FROM authorization_policy) + (SELECT count(*) FROM authorization_link)"));

        static string Links(Policy policy) => string.Join(' ', [.. policy.ResourceIds, .. policy.ScopeIds, .. policy.PolicyIds]);
    }

    [Theory, ClassData(typeof(Engines))]
    public async Task Of_those_who_make_the_same_resource_one_does(DbEngine engine)
    {
        await using var db = await TestDb.OpenAsync(engine);
        var (configuration, store) = await WorldAsync(db);
        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            try
            {
                await configuration.ApplyAsync(new ChangeSet("r").Add(Resource($"race-{i}", "race", Client)));
                return true;
            }
            catch (DuplicateException)
            {
                return false;
            }
        })));
        Assert.Single(made, true);
        Assert.Single(await store.ResourcesAsync("r", Client, new(Name: "race")));
    }

    private static async Task<(ConfigurationStore, AuthorizationStore)> WorldAsync(Db db)
    {
        var store = new ConfigurationStore(db, TimeProvider.System);
        await store.ApplyAsync(new ChangeSet("r")
            .Add(new PutRealm(new() { Id = "r", Realm = "r" })).Add(new PutClient(new() { Id = Client, ClientId = "gallery" }))
            .Add(new PutUser(new() { Id = "id-alice", Username = "alice" }))
            .Add(Scope("s-view", "view")).Add(Scope("s-edit", "edit"))
            .Add(Resource("r-album", "album", Client, "urn:photo", ["/album/*"], "s-view", "s-edit"))
            .Add(Resource("r-alice", "Alice's", "id-alice", "urn:photo", [], "s-view"))
            .Add(Resource("r-printer", "printer", Client))
            .Add(Policy("p", "p"))
            .Add(new PutPolicy(Client, new(new() { Id = "q", Name = "q", Type = "scope", Config = [] }, ["r-album"], ["s-view"], ["p"]))));
        return (store, new(db));
    }

    private static PutAuthorizationScope Scope(string id, string name) => new(Client, new() { Id = id, Name = name });

    private static PutPolicy Policy(string id, string name) => new(Client, new(new() { Id = id, Name = name, Type = "user", Config = new() { ["users"] = "[]" } }, [], [], []));

    private static PutProtectedResource Resource(string id, string name, string owner, string? type = null, List<string>? uris = null, params string[] scopes) =>
        new(Client, new(new ResourceRepresentation { Id = id, Name = name, Type = type, Uris = uris ?? [], Attributes = [] }, owner, scopes));

    private static async Task<List<string>> Names(AuthorizationStore store, ResourceQuery query) => [.. (await store.ResourcesAsync("r", Client, query)).Select(r => r.Name)];
}
