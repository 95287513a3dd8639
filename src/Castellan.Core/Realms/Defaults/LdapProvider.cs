using System.Globalization;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Defaults;

/// <summary>A federation with an LDAP directory as a component: what it must say, and the mappers that come with it.</summary>
public static class LdapProvider
{
    public const string Id = "ldap";

    /// <summary>The kind of mapper that reads from Active Directory who is locked out.</summary>
    public const string AccountControls = "msad-user-account-control-mapper";

    public const string MapperType = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper";

    private const string CommonName = "cn";

    private static readonly string[] s_editModes = ["READ_ONLY", "WRITABLE", "UNSYNCED"];

    /// <summary>Whether the edit mode is a word that nobody knows. Keycloak answers as if the provider were unknown.</summary>
    public static bool HasUnknownMode(ComponentRepresentation component) => Text(component, "editMode") is { } mode && !s_editModes.Contains(mode);

    /// <summary>What is wrong with the settings, or null.</summary>
    public static string? Refuse(ComponentRepresentation component)
    {
        var mode = Text(component, "editMode");
        return Filter(Text(component, "customUserSearchFilter"))
            ?? Number(component, "connectionTimeout", "Connection Timeout must be a number")
            ?? Number(component, "readTimeout", "Read Timeout must be a number")
            ?? (IsTrue(component, "startTls") && IsTrue(component, "connectionPooling") ? "Can not enable both StartTLS and connection pooling."
                : mode is null ? "Edit Mode is mandatory"
                : mode != "WRITABLE" && IsTrue(component, "validatePasswordPolicy") ? "Validate Password Policy is applicable only with WRITABLE edit mode"
                : mode == "UNSYNCED" && Text(component, "importEnabled") == "false" ? "Can not disable Importing users when LDAP provider mode is UNSYNCED"
                : null);
    }

    /// <summary>Fills in the one setting that has a value of its own.</summary>
    public static void Complete(ComponentRepresentation component)
    {
        if (Text(component, "krbPrincipalAttribute") is null)
        {
            (component.Config ??= [])["krbPrincipalAttribute"] = [Text(component, "vendor") switch { "ad" => "userPrincipalName", "rhds" => "krbPrincipalName", _ => "krb5PrincipalName" }];
        }
    }

    /// <summary>The mappers that are made with a federation, for its vendor and edit mode.</summary>
    public static IEnumerable<ComponentRepresentation> Mappers(ComponentRepresentation federation)
    {
        var directory = IsActiveDirectory(federation);
        var follows = Text(federation, "editMode") != "UNSYNCED";
        yield return Attribute("username", UsernameAttribute(federation), "username", mandatory: true, always: false);
        if (!IsCommonName(RdnAttribute(federation)))
        {
            yield return Attribute("first name", CommonName, "firstName", mandatory: true, always: true);
        }
        else if (IsCommonName(UsernameAttribute(federation)))
        {
            yield return Attribute("first name", "givenName", "firstName", mandatory: true, always: true);
        }
        else if (Writes())
        {
            // New entries need the attribute that names them, and who is made here has nothing but a user name at first.
            yield return Attribute("first name", "givenName", "firstName", mandatory: true, always: true);
            yield return Attribute("username-cn", CommonName, "username", mandatory: true, always: false);
        }
        else
        {
            yield return Mapper("full name", "full-name-ldap-mapper", ("ldap.full.name.attribute", CommonName), ("read.only", "true"), ("write.only", "false"));
        }

        yield return Attribute("last name", "sn", "lastName", mandatory: true, always: true);
        yield return Attribute("email", "mail", "email", mandatory: false, always: false);
        yield return Attribute("creation date", directory ? "whenCreated" : "createTimestamp", "createTimestamp", mandatory: false, always: true, written: false);
        yield return Attribute("modify date", directory ? "whenChanged" : "modifyTimestamp", "modifyTimestamp", mandatory: false, always: true, written: false);
        if (directory)
        {
            yield return Mapper("MSAD account controls", AccountControls, ("always.read.enabled.value.from.ldap", Word(follows)));
        }

        yield return Mapper("Kerberos principal attribute mapper", "kerberos-principal-attribute-mapper");
        if (!directory && IsTrue(federation, "syncRegistrations") && IsTrue(federation, "usePasswordModifyExtendedOp"))
        {
            // Some directories change a password only where there is one.
            yield return Mapper("random initial password", "hardcoded-ldap-attribute-mapper", ("ldap.attribute.name", "userPassword"), ("ldap.attribute.value", "${RANDOM}"));
        }

        bool Writes() => Text(federation, "editMode") == "WRITABLE";

        ComponentRepresentation Attribute(string name, string ldap, string model, bool mandatory, bool always, bool written = true) => Mapper(
            name, "user-attribute-ldap-mapper", ("ldap.attribute", ldap), ("user.model.attribute", model), ("is.mandatory.in.ldap", Word(mandatory)),
            ("always.read.value.from.ldap", Word(always && follows)), ("read.only", Word(!(written && Writes()))));

        ComponentRepresentation Mapper(string name, string provider, params ReadOnlySpan<(string Name, string Value)> config)
        {
            var settings = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            foreach (var (setting, value) in config)
            {
                settings[setting] = [value];
            }

            return new() { Id = Ids.New(), Name = name, ProviderId = provider, ProviderType = MapperType, ParentId = federation.Id, Config = settings };
        }
    }

    /// <summary>The mapper of user names after another attribute was said to hold them; null when it may stay as it is.</summary>
    public static ComponentRepresentation? RenamedBy(ComponentRepresentation before, ComponentRepresentation after, IEnumerable<ComponentRepresentation> components)
    {
        if (UsernameAttribute(after) is var attribute && attribute == UsernameAttribute(before)
            || components.FirstOrDefault(c => c.ParentId == before.Id && c is { ProviderType: MapperType, Name: "username" }) is not { } mapper)
        {
            return null;
        }

        return new()
        {
            Id = mapper.Id, Name = mapper.Name, ProviderId = mapper.ProviderId, ProviderType = mapper.ProviderType, ParentId = mapper.ParentId, SubType = mapper.SubType,
            Config = new(mapper.Config ?? [], StringComparer.Ordinal) { ["ldap.attribute"] = [attribute] },
        };
    }

    /// <summary>The attribute that holds user names.</summary>
    public static string UsernameAttribute(ComponentRepresentation federation) => Text(federation, "usernameLDAPAttribute") ?? (IsActiveDirectory(federation) ? CommonName : "uid");

    /// <summary>The attribute that names entries.</summary>
    public static string RdnAttribute(ComponentRepresentation federation) =>
        Text(federation, "rdnLDAPAttribute") ?? (UsernameAttribute(federation) is var name && string.Equals(name, "sAMAccountName", StringComparison.OrdinalIgnoreCase) ? CommonName : name);

    /// <summary>The attribute whose value an entry keeps for life; each make of directory has its own.</summary>
    public static string IdAttribute(ComponentRepresentation federation) => Text(federation, "uuidLDAPAttribute")
        ?? Text(federation, "vendor") switch { "ad" => "objectGUID", "rhds" => "nsuniqueid", "tivoli" => "uniqueidentifier", "edirectory" => "guid", _ => "entryUUID" };

    /// <summary>A place below another; the other where nothing is said. The comma between them may have been written with it.</summary>
    public static string Below(string? relative, string dn) => relative?.Trim().TrimEnd(',') is { Length: > 0 } place ? $"{place},{dn}" : dn;

    /// <summary>What is wrong with a filter, or null.</summary>
    public static string? Filter(string? filter) => filter?.Trim() is not { } trimmed || (trimmed.StartsWith('(') && trimmed.EndsWith(')'))
        ? null
        : "Custom configured LDAP filter does not start with \"(\" or does not end with \")\".";

    /// <summary>A setting; null when it is absent or blank.</summary>
    public static string? Text(ComponentRepresentation component, string name) =>
        component.Config?.GetValueOrDefault(name) is [{ } value, ..] && !string.IsNullOrWhiteSpace(value) ? value : null;

    public static bool IsTrue(ComponentRepresentation component, string name) => string.Equals(Text(component, name), "true", StringComparison.OrdinalIgnoreCase);

    private static string? Number(ComponentRepresentation component, string name, string refusal) =>
        Text(component, name) is { } value && !long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) ? refusal : null;

    private static bool IsCommonName(string attribute) => string.Equals(attribute, CommonName, StringComparison.OrdinalIgnoreCase);

    public static bool IsActiveDirectory(ComponentRepresentation component) => Text(component, "vendor") == "ad";

    private static string Word(bool value) => value ? "true" : "false";
}
