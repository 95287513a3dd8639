using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;

namespace Castellan.Core.Federation;

/// <summary>The federations of a realm, those first that are asked first. Nearly every realm has none.</summary>
public sealed class RealmFederations
{
    public const string ProviderType = "org.keycloak.storage.UserStorageProvider";

    /// <summary>The id of a person who is not kept here: <c>f:federation:name</c>.</summary>
    private const string Elsewhere = "f:";

    private RealmFederations(Realm realm) => All =
    [
        .. realm.Data.Components.Where(c => c is { ProviderType: ProviderType, ProviderId: LdapProvider.Id }).Select(c => new LdapFederation(realm, c)).OrderBy(f => f.Priority),
    ];

    public static RealmFederations Of(Realm realm) => realm.Compiled(static r => new RealmFederations(r));

    public IReadOnlyList<LdapFederation> All { get; }

    public bool None => All.Count == 0;

    public IEnumerable<LdapFederation> Enabled => All.Where(f => f.IsEnabled);

    private LdapFederation? FirstToRegister => All.FirstOrDefault(f => f.Registers);

    /// <summary>The id of somebody who is made here: where the directory makes them and nobody is imported, it says so.</summary>
    public string NewId(string username) => FirstToRegister is { Imports: false } federation ? IdOf(federation, username) : Ids.New();

    /// <summary>The one that makes the entry of somebody who is made here with this id, or null.</summary>
    public LdapFederation? Registering(string id) => FirstToRegister is { } first && (first.Imports || Named(id)?.Federation == first) ? first : null;

    public LdapFederation? Find(string? id) => id is null ? null : All.FirstOrDefault(f => f.Id == id);

    public static string IdOf(LdapFederation federation, string name) => $"{Elsewhere}{federation.Id}:{name}";

    /// <summary>Whose person an id names, and how that one is called there; null for an id of a person who is kept here.</summary>
    public (LdapFederation Federation, string Name)? Named(string id)
    {
        if (!id.StartsWith(Elsewhere, StringComparison.Ordinal) || id.IndexOf(':', Elsewhere.Length) is not (> 0 and var colon))
        {
            return null;
        }

        return Find(id[Elsewhere.Length..colon]) is { } federation ? (federation, id[(colon + 1)..]) : null;
    }
}
