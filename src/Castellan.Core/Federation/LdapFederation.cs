using System.Globalization;
using Castellan.Core.Federation.Mappers;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>What may be changed of people of a directory, and where the change goes.</summary>
public enum EditMode
{
    /// <summary>Nothing.</summary>
    ReadOnly,

    /// <summary>To the directory.</summary>
    Writable,

    /// <summary>Here, and it stays here.</summary>
    Unsynced,
}

/// <summary>A federation with an LDAP directory, in its compiled form.</summary>
public sealed class LdapFederation
{
    /// <summary>Asks for nothing of an entry (RFC 4511 §4.5.1.8).</summary>
    private const string NoAttributes = "1.1";

    private const int DefaultPage = 1_000;

    private static readonly TimeSpan s_connection = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_read = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(60);

    private readonly bool _hasBrokenFilter;

    internal LdapFederation(Realm realm, ComponentRepresentation component)
    {
        Component = component;
        IsEnabled = Text("enabled") != "false";
        Mode = Text("editMode") switch { "WRITABLE" => EditMode.Writable, "UNSYNCED" => EditMode.Unsynced, _ => EditMode.ReadOnly };
        IsActiveDirectory = Text("vendor") == "ad";
        UsernameAttribute = LdapProvider.UsernameAttribute(component);
        RdnAttribute = LdapProvider.RdnAttribute(component);
        IdAttribute = LdapProvider.IdAttribute(component);
        UsersDn = Text("usersDn") ?? "";
        ObjectClasses = [.. (Text("userObjectClasses") ?? "inetOrgPerson, organizationalPerson").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        Scope = Text("searchScope") switch { "0" => LdapScope.Base, "1" => LdapScope.OneLevel, _ => LdapScope.Subtree };
        CustomFilter = Text("customUserSearchFilter") is { } filter ? LdapFilter.Parse(filter.Trim()) : null;
        _hasBrokenFilter = CustomFilter is null && Text("customUserSearchFilter") is not null;
        Settings = new(
            realm.Name, Text("connectionUrl") ?? "", Text("authType") == "none" ? null : Text("bindDn") ?? "", Text("bindCredential") ?? "", IsTrue("startTls"),
            Time("connectionTimeout", s_connection), Time("readTimeout", s_read), Text("pagination") == "true" ? Math.Clamp(Number("batchSizeForSync") ?? DefaultPage, 1, 10_000) : 0,
            Text("referral") == "follow");
        Mappers = [.. realm.Data.Components.Where(c => c.ParentId == component.Id && c.ProviderType == LdapProvider.MapperType).Select(c => LdapMappers.Make(c, this)).OfType<LdapMapper>().OrderBy(LdapMappers.Rank)];
        Attributes = Mappers.SelectMany(m => m.Attributes).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Reads = [.. Mappers.SelectMany(m => m.Reads).Concat([UsernameAttribute, RdnAttribute, IdAttribute, "objectClass"]).Distinct(StringComparer.OrdinalIgnoreCase)];
        Lifespan = CacheLifespan();
    }

    public ComponentRepresentation Component { get; }

    public string Id => Component.Id!;

    public string Name => Component.Name ?? "";

    public bool IsEnabled { get; }

    public EditMode Mode { get; }

    public bool IsActiveDirectory { get; }

    public string UsernameAttribute { get; }

    public string RdnAttribute { get; }

    public string IdAttribute { get; }

    public string UsersDn { get; }

    public IReadOnlyList<string> ObjectClasses { get; }

    public LdapScope Scope { get; }

    public LdapFilter? CustomFilter { get; }

    public DirectorySettings Settings { get; }

    /// <summary>The mappers in the order in which they show and write: what a later one says is over what an earlier one says. An import runs the other way.</summary>
    public IReadOnlyList<LdapMapper> Mappers { get; }

    /// <summary>The attributes and members of users that the mappers know.</summary>
    public IReadOnlySet<string> Attributes { get; }

    /// <summary>The attributes of entries that are asked for.</summary>
    public IReadOnlyList<string> Reads { get; }

    /// <summary>How long what the directory said of a person is believed; zero for never.</summary>
    public TimeSpan Lifespan { get; }

    public int Priority => Number("priority") ?? 0;

    public bool Imports => Text("importEnabled") != "false";

    public bool TrustsEmail => IsTrue("trustEmail");

    /// <summary>Whether people who are made here are made in the directory.</summary>
    public bool Registers => IsEnabled && Mode == EditMode.Writable && IsTrue("syncRegistrations");

    public bool ChecksPasswordPolicy => IsTrue("validatePasswordPolicy");

    public bool UsesPasswordModify => IsTrue("usePasswordModifyExtendedOp");

    public bool RemovesTheGone => Text("removeInvalidUsersEnabled") != "false";

    /// <summary>Where new entries are put: the dn of the users, or one below it.</summary>
    public string CreateDn => LdapProvider.Below(Text("relativeCreateDn"), UsersDn);

    /// <summary>Seconds between two syncs of everybody; null for none.</summary>
    public int? FullSyncPeriod => Number("fullSyncPeriod") is > 0 and var seconds ? seconds : null;

    public int? ChangedSyncPeriod => Number("changedSyncPeriod") is > 0 and var seconds ? seconds : null;

    /// <summary>The filter of all people.</summary>
    public LdapFilter People(params IEnumerable<LdapFilter> more)
    {
        IEnumerable<LdapFilter> parts = [.. more, .. CustomFilter is { } custom ? [custom] : Array.Empty<LdapFilter>(), .. ObjectClasses.Select(c => LdapFilter.Is("objectClass", c))];
        return LdapFilter.All(parts);
    }

    /// <summary>A search for people.</summary>
    /// <exception cref="DirectoryException">The operator's filter cannot be read. Without it too many would be found.</exception>
    public LdapSearch Search(LdapFilter filter, int limit = 0) => Known(People(filter), limit);

    /// <summary>
    /// A search that finds an entry if the operator's filter lets its person in; null where there is no such filter. Who is here already stays when the filter
    /// becomes narrower, but signs in no more.
    /// </summary>
    public LdapSearch? Admission(string dn) => CustomFilter is { } custom ? new(dn, LdapScope.Base, custom, [NoAttributes], 1) : null;

    /// <summary>A search for people who are here already, by their ids. Whoever does not pass the operator's filter any more is not gone for that.</summary>
    /// <exception cref="DirectoryException">The operator's filter cannot be read.</exception>
    public LdapSearch Known(LdapFilter filter, int limit = 0) =>
        _hasBrokenFilter ? throw new DirectoryException("Its filter for people cannot be read.") : new(UsersDn, Scope, filter, Reads, limit);

    /// <summary>The attribute of an entry in which a member or attribute of a user stands, or null.</summary>
    public string? AttributeOf(string name) => Mappers.OfType<UserAttributeMapper>().FirstOrDefault(m => string.Equals(m.Model, name, StringComparison.OrdinalIgnoreCase))?.Attribute;

    public string? Text(string name) => LdapProvider.Text(Component, name);

    private bool IsTrue(string name) => LdapProvider.IsTrue(Component, name);

    private int? Number(string name) => int.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    private TimeSpan Time(string name, TimeSpan otherwise) =>
        Number(name) is > 0 and var milliseconds ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, s_most.TotalMilliseconds)) : otherwise;

    private TimeSpan CacheLifespan() => Text("cachePolicy") switch
    {
        "NO_CACHE" => TimeSpan.Zero,
        "MAX_LIFESPAN" => TimeSpan.FromMilliseconds(long.TryParse(Text("maxLifespan"), NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? Math.Min(most, 86_400_000) : 0),
        _ => TimeSpan.FromMinutes(5),
    };
}
