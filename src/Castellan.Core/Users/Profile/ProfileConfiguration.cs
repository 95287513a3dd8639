using System.Text.Json;
using System.Text.RegularExpressions;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users.Profile.Validators;

namespace Castellan.Core.Users.Profile;

/// <summary>Where the configuration of a user profile lies, what it is by default, and what is no configuration.</summary>
public static partial class ProfileConfiguration
{
    public const string ProviderType = "org.keycloak.userprofile.UserProfileProvider";
    public const string ProviderId = "declarative-user-profile";
    public const string Key = "kc.user.profile.config";

    private const string DefaultJson = """
        {"attributes":[
        {"name":"username","displayName":"${username}","validations":{"length":{"min":3,"max":255},"username-prohibited-characters":{},"up-username-not-idn-homograph":{}},"permissions":{"view":["admin","user"],"edit":["admin","user"]},"multivalued":false},
        {"name":"email","displayName":"${email}","validations":{"email":{},"length":{"max":255}},"required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]},"multivalued":false},
        {"name":"firstName","displayName":"${firstName}","validations":{"length":{"max":255},"person-name-prohibited-characters":{}},"required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]},"multivalued":false},
        {"name":"lastName","displayName":"${lastName}","validations":{"length":{"max":255},"person-name-prohibited-characters":{}},"required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]},"multivalued":false}],
        "groups":[{"name":"user-metadata","displayHeader":"User metadata","displayDescription":"Attributes, which refer to user metadata"}]}
        """;

    /// <summary>What a realm has that configured nothing.</summary>
    public static UPConfig Default => Parse(DefaultJson)!;

    public static UPConfig? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ProfileJson.Default.UPConfig);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string Write(UPConfig config) => JsonSerializer.Serialize(config, ProfileJson.Default.UPConfig);

    /// <summary>The realm's configuration; the default when it has none, or one that a file brought and nobody can read.</summary>
    public static UPConfig Of(Realm realm) =>
        Component(realm)?.Config?.GetValueOrDefault(Key) is [{ } json, ..] && Parse(json) is { } config ? config : Default;

    /// <summary>The write that stores a configuration; null goes back to the default.</summary>
    public static Change Put(Realm realm, UPConfig? config)
    {
        var stored = Component(realm);
        var component = new ComponentRepresentation
        {
            Id = stored?.Id ?? Ids.New(),
            Name = stored?.Name,
            ProviderType = ProviderType,
            ProviderId = ProviderId,
            ParentId = realm.Id,
            SubType = stored?.SubType,
            Config = config is null ? [] : new() { [Key] = [Write(config)] },
        };
        return new PutPart(PartKind.Component, component.Id, component.Name, component);
    }

    /// <summary>Why this is no configuration for the realm, in Keycloak's words; null when it is one.</summary>
    public static string? Problem(Realm realm, UPConfig config)
    {
        if (config.Attributes is not { } attributes)
        {
            return null;
        }

        var problems = new List<string>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var groups = config.Groups.Select(g => g.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var attribute in attributes)
        {
            problems.AddRange(Problems(realm, attribute, names, groups));
        }

        problems.AddRange(UserProfile.Members.Take(2).Where(n => !names.Contains(n)).Select(n => $"The attribute '{n}' can not be removed"));
        if (config.Groups.Count(g => g.Name is null) is > 0 and var nameless)
        {
            problems.Add($"Name is mandatory for groups, found {nameless} group(s) without name.");
        }

        return problems.Count == 0 ? null : $"[{string.Join(", ", problems)}]";
    }

    private static IEnumerable<string> Problems(Realm realm, UPAttribute attribute, HashSet<string> names, HashSet<string?> groups)
    {
        if (attribute.Name is not { Length: > 0 } name || string.IsNullOrWhiteSpace(name))
        {
            yield return "Attribute configuration without 'name' is not allowed";
            yield break;
        }

        if (!names.Add(name))
        {
            yield return $"Attribute configuration already exists with 'name':'{name}'";
        }
        else if (!AttributeName().IsMatch(name))
        {
            yield return $"Invalid attribute name (only letters, numbers and '.' '_' '-' special characters allowed): {name}'";
        }

        foreach (var (id, settings) in attribute.Validations ?? [])
        {
            if (string.IsNullOrWhiteSpace(id))
            {
                yield return $"Validation without validator id is defined for attribute '{name}'";
            }
            else if (!AttributeValidators.Exists(id))
            {
                yield return $"Validator '{id}' defined for attribute '{name}' doesn't exist";
            }
            else if (AttributeValidators.Find(id)?.Faults(new ValidatorSettings(settings)).ToList() is { Count: > 0 } faults)
            {
                yield return $"Validator '{id}' defined for attribute '{name}' has incorrect configuration: {string.Concat(faults.Select(f => f.Describe(id) + ", "))}";
            }
        }

        // Where nothing is to be validated, nor is the default.
        if (attribute is { Validations: { } validations, DefaultValue: { } otherwise })
        {
            if (UserProfile.Members.Contains(name))
            {
                yield return $"Default value not supported for attribute '{name}'";
            }
            else
            {
                foreach (var (id, settings) in validations)
                {
                    if (AttributeValidators.Find(id)?.Check([otherwise], new ValidatorSettings(settings), null).Any() == true)
                    {
                        yield return $"Default value for attribute '{name}' is invalid";
                    }
                }
            }
        }

        foreach (var (place, roles) in new[] { ("permissions.view", attribute.Permissions?.View), ("permissions.edit", attribute.Permissions?.Edit), ("required.roles", attribute.Required?.Roles) })
        {
            foreach (var role in (roles ?? []).Where(r => r is not ("admin" or "user")))
            {
                yield return $"'{place}' configuration for attribute '{name}' contains unsupported role '{role}'";
            }
        }

        foreach (var (place, scopes) in new[] { ("required.scopes", attribute.Required?.Scopes), ("selector.scopes", attribute.Selector?.Scopes) })
        {
            foreach (var scope in (scopes ?? []).Where(s => realm.FindScope(s) is null))
            {
                yield return $"'{place}' configuration for attribute '{name}' contains unsupported scope '{scope}'";
            }
        }

        if (attribute.Group is { } group && !groups.Contains(group))
        {
            yield return $"Attribute '{name}' references unknown group '{group}'";
        }

        if (attribute.Annotations?.TryGetValue("inputOptions", out var options) == true && options.ValueKind != JsonValueKind.Array)
        {
            yield return $"Annotation 'inputOptions' configured for attribute '{name}' must be an array of values!'";
        }

        if (attribute.Annotations?.TryGetValue("inputOptionLabels", out var labels) == true && labels.ValueKind != JsonValueKind.Object)
        {
            yield return $"Annotation 'inputOptionLabels' configured for attribute '{name}' must be an object!'";
        }
    }

    private static ComponentRepresentation? Component(Realm realm) => realm.Data.Components.FirstOrDefault(c => c.ProviderType == ProviderType);

    [GeneratedRegex(@"^[A-Za-z0-9._\-]+$")]
    private static partial Regex AttributeName();
}
