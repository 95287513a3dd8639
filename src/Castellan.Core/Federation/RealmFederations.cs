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

    /// <summary>The one that makes entries of people who are made here, or null.</summary>
    public LdapFederation? Registering => All.FirstOrDefault(f => f.Registers);

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
