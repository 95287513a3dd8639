using System.Text.Json;
using Castellan.Core.Clients;

namespace Castellan.Core.Mappers;

/// <summary>The level of this sign-in (OpenID Connect Core §2, <c>acr</c>), by the name that the client or the realm gives it.</summary>
internal sealed class AcrMapper : IProtocolMapper
{
    public string Id => "oidc-acr-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is not (MapperTarget.UserInfo or MapperTarget.Response) && mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        var notes = context.Grant.ClientSession.Notes;
        var level = notes.TryGetValue("level-of-authentication", out var said) && int.TryParse(said, out var number) && number >= 0
            ? number
            : notes.GetValueOrDefault("SSO_AUTH") == "true" ? 0 : 1;
        context.Claims.Set("acr", context.Grant.Client.Compiled(static c => new LevelNames(c)).Of(level));
    }

    /// <summary>Names of levels: the client's map instead of the realm's.</summary>
    private sealed class LevelNames
    {
        private readonly Dictionary<int, string> _names = [];

        public LevelNames(Client client)
        {
            if ((client.Attribute("acr.loa.map") ?? client.Realm.Attribute("acr.loa.map")) is not { Length: > 0 } json)
            {
                return;
            }

            try
            {
                using var map = JsonDocument.Parse(json);
                foreach (var entry in map.RootElement.EnumerateObject())
                {
                    if (int.TryParse(entry.Value.ToString(), out var level))
                    {
                        _names.TryAdd(level, entry.Name);
                    }
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // A map that nobody can read names no level.
            }
        }

        public string Of(int level) => _names.GetValueOrDefault(level) ?? level.ToString();
    }
}
