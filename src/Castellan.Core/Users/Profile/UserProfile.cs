using System.Text.Json;
using Castellan.Core.Realms;

namespace Castellan.Core.Users.Profile;

/// <summary>A realm's user profile in its compiled form: which attributes there are, who sees and writes them, and what is checked.</summary>
public sealed class UserProfile
{
    public const string Username = "username", Email = "email", FirstName = "firstName", LastName = "lastName", Locale = "locale";

    /// <summary>Where the e-mail waits that a person gave and did not verify yet, and when the terms were accepted.</summary>
    public const string PendingEmail = "kc.email.pending", Terms = "terms_and_conditions";

    /// <summary>The attributes that are members of a user's representation.</summary>
    public static readonly IReadOnlyList<string> Members = [Username, Email, FirstName, LastName];

    /// <summary>The group of attributes that nobody fills in.</summary>
    private const string MetadataGroup = "user-metadata";

    private static readonly JsonElement s_true = JsonDocument.Parse("true").RootElement;
    private static readonly JsonElement s_one = JsonDocument.Parse("\"1\"").RootElement;
    private readonly Dictionary<string, ProfileAttribute> _byName;

    private UserProfile(Realm realm)
    {
        Realm = realm;
        Config = ProfileConfiguration.Of(realm);
        var attributes = (Config.Attributes ?? []).Where(a => a.Name is not null).Select(a => new ProfileAttribute(realm, a)).ToList();
        _byName = attributes.DistinctBy(a => a.Name).ToDictionary(a => a.Name, StringComparer.Ordinal);
        // Whatever the configuration says, a user has a name, and an e-mail must be writable by somebody.
        foreach (var name in Members.Take(2))
        {
            _byName.TryAdd(name, new ProfileAttribute(realm, new UPAttribute { Name = name }));
        }

        foreach (var builtIn in ProfileAttribute.BuiltIns(realm))
        {
            _byName.TryAdd(builtIn.Name, builtIn);
        }

        Attributes = [.. _byName.Values];
    }

    /// <summary>The realm's profile, compiled once for each picture of it.</summary>
    public static UserProfile Of(Realm realm) => realm.Compiled(static r => new UserProfile(r));

    public Realm Realm { get; }

    public UPConfig Config { get; }

    public IReadOnlyList<ProfileAttribute> Attributes { get; }

    public ProfileAttribute? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The attribute if the profile has it here, and not only in another context or scope.</summary>
    public ProfileAttribute? Find(string name, ProfileContext context, IReadOnlyCollection<string>? scopes) =>
        Find(name) is { } attribute && attribute.IsIn(context, scopes) ? attribute : null;

    /// <summary>
    /// Whether no configuration declares the attribute. One that is declared, but for a scope that was not asked for, is not unmanaged: who may see and
    /// write it is said, and leaving the scope out must not be the way around that.
    /// </summary>
    public bool IsUnmanaged(string name) => Find(name) is not { IsDeclared: true };

    /// <summary>Whether unmanaged attributes may be seen here.</summary>
    public bool ShowsUnmanaged(ProfileContext context) => Config.UnmanagedAttributePolicy switch
    {
        UnmanagedAttributePolicy.Enabled => true,
        UnmanagedAttributePolicy.AdminEdit or UnmanagedAttributePolicy.AdminView => context == ProfileContext.Admin,
        _ => false,
    };

    /// <summary>Whether unmanaged attributes may be written here.</summary>
    public bool TakesUnmanaged(ProfileContext context) =>
        ShowsUnmanaged(context) && Config.UnmanagedAttributePolicy != UnmanagedAttributePolicy.AdminView;

    /// <summary>Whether an attribute is one that only the directory of a user knows, where administrators look at it.</summary>
    public bool IsOfDirectory(ProfileContext context, User? user, string name) =>
        context == ProfileContext.Admin && user?.Federated is { IsEnabled: true } federated && IsUnmanaged(name) && federated.Attributes.Contains(name);

    /// <summary>The attributes of a user, members aside, that may be seen here.</summary>
    public Dictionary<string, List<string>> Visible(ProfileContext context, User user, IReadOnlyCollection<string>? scopes = null)
    {
        var visible = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, values) in user.Representation.Attributes ?? [])
        {
            var shown = Find(name, context, scopes) is { } attribute
                ? attribute.IsVisible(context, user, scopes)
                : (ShowsUnmanaged(context) && IsUnmanaged(name)) || IsOfDirectory(context, user, name) || (context == ProfileContext.Admin && ReservedAttributes.IsReserved(name));
            if (shown)
            {
                visible[name] = values;
            }
        }

        foreach (var attribute in Attributes.Where(a => a.Config.DefaultValue is { Length: > 0 } && !Members.Contains(a.Name) && a.IsVisible(context, user, scopes)))
        {
            // Whoever has none is shown, and by the next change given, the default.
            visible.TryAdd(attribute.Name, [attribute.Config.DefaultValue!]);
        }

        return visible;
    }

    /// <summary>Whether a member of the representation may be seen here.</summary>
    public bool ShowsMember(string name, ProfileContext context, User user) =>
        context == ProfileContext.Admin && name == Username ? true : Find(name)?.IsVisible(context, user, null) ?? false;

    /// <summary>
    /// Whether users may be looked for by an attribute here: by one that may not be seen, a search would tell what it holds. What no configuration
    /// declares may be what a directory tells of its people, who are shown with it.
    /// </summary>
    public bool IsSearchable(string name, ProfileContext context) => IsUnmanaged(name)
        ? ShowsUnmanaged(context) || Find(name) is not null || ReservedAttributes.IsReserved(name) || !Federation.RealmFederations.Of(Realm).None
        : (context == ProfileContext.Admin && name == Username) || Find(name)!.IsVisible(context, null, null);

    /// <summary>What a form needs to know.</summary>
    /// <param name="user">Whose profile; null for a new one.</param>
    /// <param name="scopes">The scopes that were asked for at sign-in; null outside of one.</param>
    public UserProfileMetadata Metadata(ProfileContext context, User? user, IReadOnlyCollection<string>? scopes = null) => new()
    {
        Attributes = [.. Attributes.Where(a => a.IsVisible(context, user, scopes)).Select(a => Describe(a, context, user, scopes)), .. OfDirectory(context, user)],
        Groups = [.. Config.Groups.Select(g => new UserProfileAttributeGroupMetadata
        {
            Name = g.Name, DisplayHeader = g.DisplayHeader, DisplayDescription = g.DisplayDescription, Annotations = g.Annotations,
        })],
    };

    /// <summary>What a user has of the directory beside the profile, and what ties them to it.</summary>
    private IEnumerable<UserProfileAttributeMetadata> OfDirectory(ProfileContext context, User? user)
    {
        if (context != ProfileContext.Admin || user?.Federated is not { IsEnabled: true } federated)
        {
            yield break;
        }

        foreach (var name in federated.Attributes.Where(n => IsOfDirectory(context, user, n) && !Members.Contains(n, StringComparer.OrdinalIgnoreCase)))
        {
            yield return new() { Name = name, DisplayName = name, ReadOnly = federated.IsReadOnly || ReservedAttributes.IsReservedFor(context, name), Validators = [] };
        }

        var group = Config.Groups.Find(g => g.Name == MetadataGroup)?.Name;
        foreach (var name in ReservedAttributes.OfDirectories)
        {
            yield return new() { Name = name, DisplayName = name, ReadOnly = true, Validators = [], Group = group };
        }
    }

    private UserProfileAttributeMetadata Describe(ProfileAttribute attribute, ProfileContext context, User? user, IReadOnlyCollection<string>? scopes)
    {
        var validators = new Dictionary<string, Dictionary<string, JsonElement>>(StringComparer.Ordinal);
        foreach (var (id, settings) in attribute.Config.Validations ?? [])
        {
            validators[id] = new Dictionary<string, JsonElement>(settings ?? [], StringComparer.Ordinal) { ["ignore.empty.value"] = s_true };
        }

        if (!attribute.Config.Multivalued && attribute.IsDeclared)
        {
            validators.TryAdd("multivalued", new() { ["max"] = s_one });
        }

        return new UserProfileAttributeMetadata
        {
            Name = attribute.Name,
            DisplayName = attribute.DisplayName,
            Required = attribute.IsRequired(context, scopes),
            ReadOnly = !attribute.IsWritable(context, user),
            Annotations = Annotations(attribute, context),
            Validators = validators,
            Group = attribute.Config.Group,
            Multivalued = attribute.Config.Multivalued,
            DefaultValue = attribute.Config.DefaultValue,
        };
    }

    private Dictionary<string, JsonElement>? Annotations(ProfileAttribute attribute, ProfileContext context)
    {
        if (attribute.Name != Email || context != ProfileContext.Account)
        {
            return attribute.Config.Annotations;
        }

        // The account console offers the action that changes the e-mail where this says that there is one.
        var annotations = new Dictionary<string, JsonElement>(attribute.Config.Annotations ?? [], StringComparer.Ordinal);
        var settings = Realm.Settings;
        var isTheirs = attribute.Config.Permissions?.Edit?.Contains("user") == true && !(settings.RegistrationEmailAsUsername == true && settings.EditUsernameAllowed != true);
        if (isTheirs && ProfileAttribute.EmailIsChangedByAction(Realm))
        {
            annotations["kc.required.action.supported"] = s_true;
        }

        return annotations;
    }
}

/// <summary>Names that no profile may hand out.</summary>
public static class ReservedAttributes
{
    /// <summary>What ties somebody to the entry of a directory: its id and its name.</summary>
    public const string LdapId = "LDAP_ID", LdapEntryDn = "LDAP_ENTRY_DN";

    private static readonly HashSet<string> s_forAll = new(
        [LdapId, LdapEntryDn, "KERBEROS_PRINCIPAL", "CREATED_TIMESTAMP", "createTimestamp", "modifyTimestamp", "is_temporary_admin"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> s_forPersons = new(["userCertificate", "ENABLED", "EMAIL_VERIFIED", "disabledReason", UserProfile.PendingEmail, UserProfile.Terms], StringComparer.OrdinalIgnoreCase);

    /// <summary>With the id of a client behind it, the name by which that client knows somebody.</summary>
    public const string SamlNameId = "saml.persistent.name.id.for.";

    public static IReadOnlyList<string> OfDirectories { get; } = [LdapId, LdapEntryDn];

    public static bool IsReserved(string name) => IsReservedFor(ProfileContext.Account, name);

    public static bool IsReservedFor(ProfileContext context, string name) =>
        s_forAll.Contains(name) || (context != ProfileContext.Admin && (s_forPersons.Contains(name) || name.StartsWith(SamlNameId, StringComparison.OrdinalIgnoreCase)));
}
