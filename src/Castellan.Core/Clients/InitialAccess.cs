using System.Globalization;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Clients;

/// <summary>A leave to register some clients, for whoever has its token. It lies among the realm's components, where nothing shows it.</summary>
/// <param name="Expiration">For how many seconds it counts; 0 for ever.</param>
/// <param name="Created">When it was made, in seconds.</param>
public sealed record InitialAccess(string Id, int Count, int Remaining, int Expiration, long Created, IReadOnlyList<string> WebOrigins)
{
    /// <summary>The <c>providerType</c> of such components.</summary>
    public const string ProviderType = "castellan.ClientInitialAccess";

    public static IEnumerable<InitialAccess> Of(Realm realm) => realm.Data.Components.Where(c => c.ProviderType == ProviderType).Select(Read);

    public static InitialAccess? Find(Realm realm, string id) => Of(realm).FirstOrDefault(a => a.Id == id);

    /// <summary>Whether a client may still be registered with it.</summary>
    public bool Counts(long nowSeconds) => Remaining > 0 && (Expiration == 0 || nowSeconds < Created + Expiration);

    public ComponentRepresentation ToComponent(string realmId) => new()
    {
        Id = Id, Name = "initial access", ProviderId = "initial-access", ProviderType = ProviderType, ParentId = realmId,
        Config = new(StringComparer.Ordinal)
        {
            ["count"] = [Text(Count)], ["remaining"] = [Text(Remaining)], ["expiration"] = [Text(Expiration)],
            ["created"] = [Created.ToString(CultureInfo.InvariantCulture)], ["webOrigins"] = [.. WebOrigins],
        },
    };

    private static InitialAccess Read(ComponentRepresentation component)
    {
        var config = component.Config ?? [];
        return new(component.Id!, (int)Number("count"), (int)Number("remaining"), (int)Number("expiration"), Number("created"), config.GetValueOrDefault("webOrigins") ?? []);

        long Number(string name) => long.TryParse(config.GetValueOrDefault(name) is [var text, ..] ? text : null, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
