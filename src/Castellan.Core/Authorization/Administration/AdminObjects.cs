namespace Castellan.Core.Authorization.Administration;

/// <summary>The types of objects that fine-grained permissions of administrators are about.</summary>
public static class AdminObjects
{
    public const string Clients = "Clients";
    public const string Groups = "Groups";
    public const string Organizations = "Organizations";
    public const string Roles = "Roles";
    public const string Users = "Users";

    /// <summary>What a permission on a group says of the users in it, by the scope of those users.</summary>
    public static readonly IReadOnlyDictionary<string, string> OfMembers = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["manage"] = "manage-members", ["view"] = "view-members", ["impersonate"] = "impersonate-members", ["manage-group-membership"] = "manage-membership-of-members",
    };
}
