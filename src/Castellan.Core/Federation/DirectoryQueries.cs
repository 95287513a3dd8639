using Castellan.Core.Users;
using Castellan.Core.Users.Profile;
using Castellan.Protocol.Ldap;

namespace Castellan.Core.Federation;

/// <summary>Searches of the admin API as a directory understands them.</summary>
internal static class DirectoryQueries
{
    private const int MaxWords = 20;

    /// <summary>The search for a query; null when it asks for something that only we know.</summary>
    public static Func<LdapSearch>? Of(LdapFederation federation, UserQuery query) => Filter(federation, query) is not { } filter ? null
        : query.Attributes?.GetValueOrDefault(ReservedAttributes.LdapEntryDn) is not { } name ? () => federation.Search(filter)
        : LdapDn.Parse(name) is { } dn && LdapDn.Parse(federation.UsersDn) is { } place && dn.IsBelow(place) && (federation.Scope == LdapScope.Subtree || dn.Parts.Count == place.Parts.Count + 1) ? () => federation.Search(filter) with { BaseDn = name, Scope = LdapScope.Base }
        : null;

    private static LdapFilter? Filter(LdapFederation federation, UserQuery query)
    {
        if (query.Enabled == false || query.EmailVerified is not null || query.IdentityProvider is not null || query.FederatedUserId is not null || query.GroupIds is not null
            || query.Only is { All: not UserKind.Everybody })
        {
            return null;
        }

        var parts = new List<LdapFilter> { LdapFilter.Everything };
        foreach (var word in (query.Search ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(MaxWords))
        {
            parts.Add(LdapFilter.Any(UserProfile.Members.Select(m => On(federation, m, attribute => Word(attribute, word))).OfType<LdapFilter>()));
        }

        foreach (var (name, value) in new[]
        {
            (UserProfile.Username, query.Username), (UserProfile.Email, query.Email), (UserProfile.FirstName, query.FirstName), (UserProfile.LastName, query.LastName),
        })
        {
            if (value is null)
            {
                continue;
            }

            if (On(federation, name, attribute => query.Exact ? LdapFilter.Is(attribute, value) : LdapFilter.Contains(attribute, value)) is not { } part)
            {
                return null;
            }

            parts.Add(part);
        }

        foreach (var (name, value) in query.Attributes ?? new Dictionary<string, string>())
        {
            if (name == ReservedAttributes.LdapEntryDn)
            {
                continue;
            }

            var part = name == ReservedAttributes.LdapId ? LdapIds.Filter(federation.IdAttribute, value) : On(federation, name, attribute => LdapFilter.Is(attribute, value));
            if (part is null)
            {
                return null;
            }

            parts.Add(part);
        }

        return LdapFilter.All(parts);
    }

    private static LdapFilter? On(LdapFederation federation, string name, Func<string, LdapFilter> on) =>
        federation.Mappers.Select(m => m.Condition(name, on)).FirstOrDefault(f => f is not null) ?? (name == UserProfile.Username ? on(federation.UsernameAttribute) : null);

    private static LdapFilter Word(string attribute, string word) =>
        word is ['"', .. var exact, '"'] ? LdapFilter.Is(attribute, exact) : LdapFilter.Like(attribute, word.EndsWith('*') ? word : word + "*");
}
