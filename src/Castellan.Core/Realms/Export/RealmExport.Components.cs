using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Export;

public sealed partial class RealmExport
{
    // What a provider's configuration holds that a masked export must not show. A masked key has no public half either.
    private static readonly string[] s_secrets = ["privateKey", "secret", "bindCredential", "keystorePassword", "keyPassword", "certificate"];

    private static readonly string[] s_dropped = ["privateKey", "certificate", "secret", "kid", "keyUse"];

    private static Dictionary<string, List<ComponentExportRepresentation>> Components(Realm realm, bool masked)
    {
        var byParent = realm.Data.Components.Where(c => c.ProviderType != Clients.InitialAccess.ProviderType).ToLookup(c => c.ParentId ?? realm.Id, StringComparer.Ordinal);
        return Below(realm.Id);

        Dictionary<string, List<ComponentExportRepresentation>> Below(string parent) =>
            byParent[parent].GroupBy(c => c.ProviderType ?? "").ToDictionary(g => g.Key, g => g.Select(c => new ComponentExportRepresentation
            {
                Id = c.Id, Name = c.Name, ProviderId = c.ProviderId, SubType = c.SubType, SubComponents = Below(c.Id!), Config = Shown(c, masked),
            }).ToList());
    }

    private static Dictionary<string, List<string>> Shown(ComponentRepresentation component, bool masked)
    {
        var config = component.Config ?? [];
        if (!masked)
        {
            return config;
        }

        var generated = component.ProviderType == Defaults.DefaultComponents.KeyProvider;
        return config.Where(c => !generated || !s_dropped.Contains(c.Key))
            .ToDictionary(c => c.Key, c => s_secrets.Contains(c.Key) ? c.Value.ConvertAll(v => v.StartsWith("${vault.", StringComparison.Ordinal) ? v : Mask) : c.Value);
    }
}
