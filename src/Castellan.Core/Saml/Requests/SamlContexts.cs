using System.Globalization;
using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Protocol.Saml;

namespace Castellan.Core.Saml.Requests;

/// <summary>Contexts that a provider asks for, as levels of authentication (SAML core §3.3.2.2.1). Only a client that says which is which has any.</summary>
public static class SamlContexts
{
    /// <summary>Notes the level that the sign-in must reach. False when no level of the client's is what was asked for.</summary>
    public static bool Note(Client client, RequestedContexts? asked, AuthenticationTab tab)
    {
        if (client.Attribute("acr.loa.map") is null || Levels.Map(client.Realm, client) is not { Count: > 0 } map)
        {
            return true;
        }

        int? floor = client.Attribute("minimum.acr.value") is { } name && map.TryGetValue(name, out var least) ? least : null;
        if (asked is { Classes.Count: > 0 })
        {
            var known = asked.Classes.Where(map.ContainsKey).Select(c => map[c]).ToList();
            if (known.Count == 0 || Choose(asked.Comparison, known, [.. map.Values], floor) is not { } level)
            {
                return false;
            }

            floor = level;
        }

        if (floor is { } wanted)
        {
            tab.ClientNotes[LoginNotes.LevelByProof] = "true";
            tab.ClientNotes[LoginNotes.RequestedLevel] = wanted.ToString(CultureInfo.InvariantCulture);
        }

        return true;
    }

    /// <summary>The level that answers the comparison; null when there is none at or above what the client is content with.</summary>
    private static int? Choose(ContextComparison comparison, List<int> asked, List<int> all, int? floor)
    {
        int? lowest = floor;
        bool Enough(int level) => lowest is null || level >= lowest;
        return comparison switch
        {
            ContextComparison.Minimum => Math.Max(asked.Min(), floor ?? int.MinValue),
            ContextComparison.Maximum => Enough(asked.Max()) ? asked.Max() : null,
            ContextComparison.Better => all.Where(l => l > asked.Max() && Enough(l)).Select(l => (int?)l).Min(),
            _ => asked.Where(Enough).Select(l => (int?)l).Min(),
        };
    }
}
