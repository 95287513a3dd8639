using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Export;

public sealed partial class RealmExport
{
    private static Dictionary<string, List<ComponentExportRepresentation>> Components(Realm realm, Func<ComponentRepresentation, ComponentRepresentation> show)
    {
        var byParent = realm.Data.Components.Where(c => c.ProviderType != Clients.InitialAccess.ProviderType).ToLookup(c => c.ParentId ?? realm.Id, StringComparer.Ordinal);
        return Below(realm.Id);

        Dictionary<string, List<ComponentExportRepresentation>> Below(string parent) =>
            byParent[parent].GroupBy(c => c.ProviderType ?? "").ToDictionary(g => g.Key, g => g.Select(c => new ComponentExportRepresentation
            {
                Id = c.Id, Name = c.Name, ProviderId = c.ProviderId, SubType = c.SubType, SubComponents = Below(c.Id!), Config = show(c).Config ?? [],
            }).ToList());
    }
}
