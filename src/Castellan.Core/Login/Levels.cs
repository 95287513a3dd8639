using System.Globalization;
using System.Text.Json;
using Castellan.Core.Clients;
using Castellan.Core.Realms;

namespace Castellan.Core.Login;

/// <summary>Levels of authentication: what was asked, what this sign-in reached, what the session still holds (OIDC Core §3.1.2.1, acr).</summary>
public static class Levels
{
    /// <summary>No level yet: nothing of this sign-in was proved under a level condition.</summary>
    public const int None = -1;

    public const int Minimum = 0;

    /// <summary>The condition of a flow for a level, and its setting that names the level.</summary>
    public const string Condition = "conditional-level-of-authentication", Setting = "loa-condition-level";

    /// <summary>How long a level lasts as a rule, in seconds: ten hours.</summary>
    public const int UsualAge = 36000;

    /// <summary>The realm's names of levels, or the client's own instead.</summary>
    public static IReadOnlyDictionary<string, int> Map(Realm realm, Client client) =>
        client.Compiled(static c => new LevelMap(Parse(c.Attribute("acr.loa.map")) is { Count: > 0 } own ? own : Parse(c.Realm.Attribute("acr.loa.map")) ?? [])).ByName;

    /// <summary>What levels may be called in the settings of a client: the names of its own map, else of the realm's, and the numbers in the realm's browser flow.</summary>
    public static IReadOnlySet<string> Known(Realm realm, string? ownMap)
    {
        var flow = Flows.Of(realm).Find(realm.Settings.BrowserFlow ?? "browser");
        return Known(ownMap, realm.Attribute("acr.loa.map"), flow is null ? [] : Configured(flow).Select(c => c.Level));
    }

    /// <summary>The same from the client's map, the realm's, and the levels that its browser flow has.</summary>
    public static IReadOnlySet<string> Known(string? ownMap, string? map, IEnumerable<int> configured)
    {
        var names = Parse(ownMap) is { Count: > 0 } own ? own : Parse(map) ?? [];
        return names.Keys.Concat(configured.Select(level => level.ToString(CultureInfo.InvariantCulture))).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The level that an <c>acr</c> value stands for: a name of the map, or a number.</summary>
    public static int? Find(Realm realm, Client client, string acr) =>
        Map(realm, client).TryGetValue(acr, out var level) ? level : int.TryParse(acr, out var number) && number >= 0 ? number : null;

    /// <summary>The level that the request wants; the lowest that conditions know when it wants none.</summary>
    public static int Requested(LoginContext context) =>
        int.TryParse(context.Tab.ClientNote(LoginNotes.RequestedLevel), out var level) ? level : Minimum;

    /// <summary>The level that the sign-in must reach: what the request wants, or more where the action that the application asks for does.</summary>
    public static async ValueTask<int> DemandedAsync(LoginContext context) => Math.Max(Requested(context), await CredentialLevels.OfActionAsync(context));

    /// <summary>The level that the flow stands for which a client policy demands; null where none does, or it stands for none.</summary>
    public static int? OfDemandedFlow(LoginContext context) => int.TryParse(context.Tab.ClientNote(LoginNotes.DemandedFlowLevel), out var level) ? level : null;

    /// <summary>The level of this sign-in so far.</summary>
    public static int Current(LoginContext context) => int.TryParse(context.Tab.Note(LoginNotes.LevelNow), out var level) ? level : None;

    public static void SetCurrent(LoginContext context, int level) => context.Tab.SetNote(LoginNotes.LevelNow, level.ToString());

    /// <summary>A level was reached by proof, now: it counts for this sign-in and for the session.</summary>
    public static void Reached(LoginContext context, int level)
    {
        SetCurrent(context, level);
        var map = Read(context.Tab.SessionNotes.GetValueOrDefault(LoginNotes.Levels) ?? context.Tab.Note(LoginNotes.Levels));
        map[level.ToString()] = context.Now / 1000;
        context.Tab.SessionNotes[LoginNotes.Levels] = Write(map);
    }

    /// <summary>Whether the browser's session proved the level not longer ago than the level lasts.</summary>
    public static bool StillHolds(LoginContext context, int level, int maxAge) =>
        Read(context.Tab.Note(LoginNotes.Levels)).TryGetValue(level.ToString(), out var at) && context.Now / 1000 < at + maxAge;

    /// <summary>The highest level that the browser's session still holds under the conditions of the flow, with none missing below.</summary>
    public static int HighestOfSession(LoginContext context)
    {
        if (context.Tab.Note(LoginNotes.Levels) is null)
        {
            return context.Tab.UserSessionId is null && context.BrowserSession is null ? None : Minimum;
        }

        var highest = Minimum;
        foreach (var (level, maxAge) in Configured(context.Flow!).OrderBy(c => c.Level))
        {
            if (!StillHolds(context, level, maxAge))
            {
                break;
            }

            highest = level;
        }

        return OfDemandedFlow(context) is { } demanded && StillHolds(context, demanded, UsualAge) ? Math.Max(highest, demanded) : highest;
    }

    /// <summary>The levels that a flow has conditions for, with how long each lasts, in seconds.</summary>
    public static IEnumerable<(int Level, int MaxAge)> Configured(Flow flow)
    {
        foreach (var execution in flow.Executions.Where(e => !e.IsDisabled))
        {
            if (execution.Step == Condition)
            {
                yield return (Level(execution), MaxAge(execution));
            }
            else if (execution.Flow is { } inner)
            {
                foreach (var found in Configured(inner))
                {
                    yield return found;
                }
            }
        }
    }

    public static int Level(Execution execution) => int.TryParse(execution.Setting(Setting), out var level) ? level : Minimum;

    /// <summary>How long the level lasts: where nothing is set, not beyond the sign-in. Realms of Keycloak before 18 say by a word whether it lasts as long as usual.</summary>
    public static int MaxAge(Execution execution) =>
        int.TryParse(execution.Setting("loa-max-age"), out var seconds) ? seconds : execution.Flag("loa-store-in-user-session") ? UsualAge : 0;

    /// <summary>A level was demanded as essential and this sign-in stays below it.</summary>
    public static bool IsForcedLevelMissed(LoginContext context) =>
        context.Tab.ClientNote(LoginNotes.ForcedLevel) == "true" && Requested(context) > Current(context);

    /// <summary>The map of levels with the seconds at which each was reached.</summary>
    public static Dictionary<string, long> Read(string? json)
    {
        try
        {
            return json is null ? [] : JsonSerializer.Deserialize(json, LoginJson.Default.DictionaryStringInt64) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string Write(Dictionary<string, long> map) => JsonSerializer.Serialize(map, LoginJson.Default.DictionaryStringInt64);

    private static Dictionary<string, int>? Parse(string? json)
    {
        if (json is null)
        {
            return null;
        }

        try
        {
            var map = new Dictionary<string, int>(StringComparer.Ordinal);
            using var document = JsonDocument.Parse(json);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (int.TryParse(member.Value.ToString(), out var level))
                {
                    map[member.Name] = level;
                }
            }

            return map;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private sealed record LevelMap(IReadOnlyDictionary<string, int> ByName);
}
