using Castellan.Protocol.Messages;

namespace Castellan.Core.Authorization.Requesting;

/// <summary>What a request names: a resource by id, name, type or address, scopes, or both.</summary>
/// <param name="Resource">Null when scopes alone are named.</param>
/// <param name="IsUri">Whether the resource is named by an address.</param>
public sealed record WantedPermission(string? Resource, List<string> Scopes, bool IsUri = false)
{
    /// <summary>More than this nobody means, and each costs questions to the store.</summary>
    public const int Most = 100, MostScopes = 100;

    private const char Separator = '#';

    /// <summary>The permissions of a form: <c>permission=RESOURCE#SCOPE,SCOPE</c>, any number of times. One resource named twice is wanted once, with all its scopes.</summary>
    public static List<WantedPermission> Read(Form form, bool byUri)
    {
        var wanted = new List<WantedPermission>();
        var byResource = new Dictionary<string, (WantedPermission Wanted, HashSet<string> Scopes)>(StringComparer.Ordinal);
        foreach (var text in form.All("permission"))
        {
            var parts = text.Split(Separator);
            var resource = parts[0].Length > 0 ? parts[0] : null;
            string[] scopes = parts.Length > 1 ? parts[1].Split(',', StringSplitOptions.RemoveEmptyEntries) : [];
            if (resource is null)
            {
                wanted.Add(new(null, [.. scopes.Distinct(StringComparer.Ordinal)], byUri));
                continue;
            }

            if (!byResource.TryGetValue(resource, out var known))
            {
                byResource.Add(resource, known = (new(resource, [], byUri), new(StringComparer.Ordinal)));
                wanted.Add(known.Wanted);
            }

            known.Wanted.Scopes.AddRange(scopes.Where(known.Scopes.Add));
        }

        return wanted;
    }
}
