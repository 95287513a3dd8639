using Castellan.Core.Keys;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Tests;

/// <summary>
/// Two RSA keys, generated once for the realms of all tests: more than half of the suite's processor time went into new ones. A realm takes them
/// as it takes those of an exported file. That realms share a signing key makes it harder for them to tell their tokens apart, never easier.
/// </summary>
internal static class SharedRealmKeys
{
    private static readonly Lazy<List<ComponentRepresentation>> s_keys = new(Generate);

    /// <summary>Gives a realm file the default key providers, unless it has keys of its own, in today's form or in the old one.</summary>
    public static void GiveTo(RealmRepresentation file)
    {
        if (file.PrivateKey is null)
        {
            (file.Components ??= []).TryAdd(
                KeyProviders.ProviderType,
                s_keys.Value.ConvertAll(k => new ComponentExportRepresentation { Name = k.Name, ProviderId = k.ProviderId, Config = new(k.Config!) }));
        }
    }

    private static List<ComponentRepresentation> Generate()
    {
        var keys = DefaultComponents.Keys("tests").ToList();
        foreach (var key in keys.Where(k => k.ProviderId!.StartsWith("rsa", StringComparison.Ordinal)))
        {
            Assert.Null(KeyProviders.Prepare(key, "tests", TimeProvider.System.GetUtcNow()));
        }

        return keys;
    }
}
