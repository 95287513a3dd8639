using System.Text;
using Castellan.Core;
using Castellan.Core.Federation;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Vaults;
using Castellan.Protocol.Ldap;
using Castellan.Server.Ldap;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Federation;

/// <summary>A realm with a federation, and the branch of a directory that it is with.</summary>
internal sealed class DirectoryWorld
{
    private static readonly LdapDirectory s_directory = new(new NoVault(), TimeProvider.System);

    private readonly DirectorySettings _settings;

    private DirectoryWorld(TestRealm realm, string url, string branch)
    {
        (Realm, Branch) = (realm, branch);
        _settings = new("test", url, TestSlapd.Administrator, TestSlapd.Password, StartTls: false, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), PageSize: 0);
    }

    public TestRealm Realm { get; }

    public string Branch { get; }

    public string People => "ou=people," + Branch;

    public string Groups => "ou=groups," + Branch;

    public string Id { get; } = Ids.New();

    public IUserStore Users => Realm.Server.Services.GetRequiredService<IUserStore>();

    public Federations Federations => Realm.Server.Services.GetRequiredService<Federations>();

    /// <summary>The realm has <c>alice</c>, the directory <c>lara</c> and <c>milo</c>, whose passwords are their names with <c>-secret</c>.</summary>
    public static async Task<DirectoryWorld> MakeAsync(Action<RealmRepresentation>? change = null, params (string Name, string Value)[] settings)
    {
        var url = await TestSlapd.UrlAsync();
        var server = await TestServer.OneAsync();
        var world = new DirectoryWorld(await server.RealmAsync(change), url, $"ou={Secret.Text(10).ToLowerInvariant()},{TestSlapd.Suffix}");
        foreach (var place in (string[])[world.Branch, world.People, world.Groups])
        {
            await world.AddAsync(place, ("objectClass", "organizationalUnit"));
        }

        await world.AddPersonAsync("lara", "Lara", "Lind", "lara@example.org");
        await world.AddPersonAsync("milo", "Milo", "Marsh", "Milo@Example.org");
        await world.FederateAsync(settings);
        return world;
    }

    public string Dn(string uid) => $"uid={uid},{People}";

    public Task AddPersonAsync(string uid, string first, string last, string? mail) => AddAsync(
        Dn(uid),
        [("objectClass", "inetOrgPerson"), ("cn", first), ("sn", last), ("userPassword", $"{uid}-secret"), .. mail is null ? Array.Empty<(string, string)>() : [("mail", mail)]]);

    public async Task AddAsync(string dn, params (string Name, string Value)[] attributes)
    {
        var first = LdapDn.Parse(dn)!.Parts[0][0];
        var all = attributes.Append((first.Attribute, first.Value)).GroupBy(a => a.Item1, a => Encoding.UTF8.GetBytes(a.Item2))
            .Select(g => new KeyValuePair<string, IReadOnlyCollection<byte[]>>(g.Key, [.. g]));
        Done(await s_directory.ChangeAsync(_settings, id => LdapRequests.Add(id, dn, all)));
    }

    public async Task SetAsync(string dn, string attribute, params string[] values) =>
        Done(await s_directory.ChangeAsync(_settings, id => LdapRequests.Modify(id, dn, [LdapAttributeChange.Texts(LdapModification.Replace, attribute, values)])));

    public async Task DeleteAsync(string dn) => Done(await s_directory.ChangeAsync(_settings, id => LdapRequests.Delete(id, dn)));

    public async Task<LdapEntry?> EntryAsync(string dn)
    {
        await foreach (var entry in s_directory.SearchAsync(_settings, new(dn, LdapScope.Base, LdapFilter.Everything, ["*"])))
        {
            return entry;
        }

        return null;
    }

    public async Task<bool> AcceptsAsync(string dn, string password) => (await s_directory.BindAsync(_settings, dn, password)).Ok;

    /// <summary>Sets the federation up, or up anew.</summary>
    public async Task FederateAsync(params (string Name, string Value)[] settings)
    {
        var realm = await Realm.NowAsync();
        var config = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, value) in ((string, string)[])
        [
            ("enabled", "true"), ("vendor", "other"), ("connectionUrl", _settings.Url), ("bindDn", TestSlapd.Administrator), ("bindCredential", TestSlapd.Password), ("authType", "simple"),
            ("usersDn", People), ("usernameLDAPAttribute", "uid"), ("rdnLDAPAttribute", "uid"), ("uuidLDAPAttribute", "entryUUID"), ("userObjectClasses", "inetOrgPerson"),
            ("editMode", "READ_ONLY"), ("cachePolicy", "NO_CACHE"), .. settings,
        ])
        {
            config[name] = [value];
        }

        var component = new ComponentRepresentation
        {
            Id = Id, Name = "ldap", ProviderId = LdapProvider.Id, ProviderType = RealmFederations.ProviderType, ParentId = realm.Id, Config = config,
        };
        var mappers = realm.Data.Components.Any(c => c.ParentId == Id) ? [] : LdapProvider.Mappers(component);
        await Realm.Server.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(mappers.Prepend(component).Select(c => new PutPart(PartKind.Component, c.Id!, c.Name, c))));
    }

    public async Task MapAsync(string provider, params (string Name, string Value)[] settings)
    {
        var realm = await Realm.NowAsync();
        var mapper = new ComponentRepresentation
        {
            Id = Ids.New(), Name = provider, ProviderId = provider, ProviderType = LdapProvider.MapperType, ParentId = Id,
            Config = settings.ToDictionary(s => s.Name, s => new List<string> { s.Value }, StringComparer.Ordinal),
        };
        await Realm.Server.Realms.ApplyAsync(new ChangeSet(realm.Id).Add(new PutPart(PartKind.Component, mapper.Id, mapper.Name, mapper)));
    }

    public Task<Answer> SignInAsync(string name, string password) =>
        Realm.PostAsync("token", [.. TestRealm.Credentials("api"), ("grant_type", "password"), ("username", name), ("password", password), ("scope", "openid")]);

    public async Task<User?> FindAsync(string name) => await Users.FindByUsernameAsync((await Realm.NowAsync()).Id, name);

    /// <summary>What is kept here, whatever the directory says.</summary>
    public async Task<User?> KeptAsync(string name) => await Federations.Stored.FindByUsernameAsync((await Realm.NowAsync()).Id, name);

    public async Task<List<string>> ListAsync(UserQuery query, int first = 0, int max = 100) =>
        [.. (await Users.SearchAsync((await Realm.NowAsync()).Id, query, first, max)).Select(u => u.Username)];

    public async Task ChangeAsync(User user, Action<UserRepresentation> change)
    {
        var copy = UserRepresentations.Copy(user.Representation);
        change(copy);
        await ApplyAsync(new PutUser(copy));
    }

    public async Task ApplyAsync(params Change[] changes) => await Realm.Server.Realms.ApplyAsync(new ChangeSet((await Realm.NowAsync()).Id).Add(changes));

    public async Task<SyncResult?> SyncAsync(bool onlyChanged = false)
    {
        var realm = await Realm.NowAsync();
        return await Federations.Sync.RunAsync(realm, RealmFederations.Of(realm).Find(Id)!, onlyChanged, default);
    }

    private static void Done(DirectoryResult result) => Assert.True(result.Ok, $"{result.Code} {result.Diagnostic}");
}
