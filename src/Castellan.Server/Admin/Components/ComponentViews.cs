using System.Text.Json;
using Castellan.Core.Realms.Export;
using Castellan.Core.Representations;
using Castellan.Server.Admin.ServerInfo;

namespace Castellan.Server.Admin.Components;

/// <summary>How components are shown and changed: by the settings that their kind has. What is kept beside them, such as generated keys, stays unseen.</summary>
internal static class ComponentViews
{
    /// <summary>The type of user federations.</summary>
    public const string UserStorage = "org.keycloak.storage.UserStorageProvider";

    public static ComponentRepresentation Show(ComponentRepresentation component)
    {
        var settings = Settings(component);
        var shown = component.Copy(AdminJson.Default.ComponentRepresentation);
        shown.Config = (shown.Config ?? [])
            .Where(c => settings is null || settings.ContainsKey(c.Key))
            .ToDictionary(c => c.Key, c => IsSecret(settings, c.Key) ? c.Value.ConvertAll(RealmExport.Masked) : c.Value, StringComparer.Ordinal);
        return shown;
    }

    /// <summary>The component after an update: settings that are not given stay, empty ones go, stars stand for what is there.</summary>
    public static ComponentRepresentation Update(ComponentRepresentation existing, ComponentRepresentation given)
    {
        var changed = existing.Copy(AdminJson.Default.ComponentRepresentation);
        changed.Name = given.Name ?? changed.Name;
        changed.ParentId = given.ParentId ?? changed.ParentId;
        changed.ProviderId = given.ProviderId ?? changed.ProviderId;
        changed.ProviderType = given.ProviderType ?? changed.ProviderType;
        changed.SubType = given.SubType ?? changed.SubType;
        var config = changed.Config ??= [];
        var settings = Settings(changed);
        foreach (var (name, values) in given.Config ?? [])
        {
            if (settings is not null && !settings.ContainsKey(name))
            {
                continue;
            }

            // The first value decides whether there is anything; stars are no value of their own.
            if (values is not [var first, ..] || string.IsNullOrWhiteSpace(first))
            {
                config.Remove(name);
            }
            else if (values.FindAll(v => !string.IsNullOrWhiteSpace(v) && v != Masks.Secret) is { Count: > 0 } filled)
            {
                config[name] = filled;
            }
        }

        return changed;
    }

    /// <summary>Without secrets, for events.</summary>
    public static ComponentRepresentation Stripped(ComponentRepresentation given)
    {
        var settings = Settings(given);
        var shown = given.Copy(AdminJson.Default.ComponentRepresentation);
        shown.Config = shown.Config?.ToDictionary(c => c.Key, c => IsSecret(settings, c.Key) ? [Masks.Secret] : c.Value, StringComparer.Ordinal);
        return shown;
    }

    /// <summary>The settings by name; null where the kind does not list them all.</summary>
    private static Dictionary<string, JsonElement>? Settings(ComponentRepresentation component)
    {
        if (component.ProviderType is null or UserStorage || Providers.Find(component.ProviderType, component.ProviderId) is not { } entry)
        {
            return null;
        }

        return entry.GetProperty("properties").EnumerateArray().ToDictionary(p => p.GetProperty("name").GetString()!, StringComparer.Ordinal);
    }

    private static bool IsSecret(Dictionary<string, JsonElement>? settings, string name) =>
        settings is null ? name is "bindCredential" : settings.TryGetValue(name, out var setting) && setting.GetProperty("secret").GetBoolean();
}
