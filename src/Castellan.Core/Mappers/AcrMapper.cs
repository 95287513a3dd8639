using Castellan.Core.Authorize;
using Castellan.Core.Clients;
using Castellan.Core.Login;

namespace Castellan.Core.Mappers;

/// <summary>
/// The level of this sign-in (OpenID Connect Core §2, <c>acr</c>) by its name: the highest of those that the request asked for and that was reached, or
/// else of all that the client or the realm names.
/// </summary>
internal sealed class AcrMapper : IProtocolMapper
{
    public string Id => "oidc-acr-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is not (MapperTarget.UserInfo or MapperTarget.Response) && mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        var (client, notes) = (context.Grant.Client, context.Grant.ClientSession.Notes);
        var level = notes.TryGetValue(LoginNotes.Level, out var said) && int.TryParse(said, out var number) && number >= 0
            ? number
            : notes.GetValueOrDefault(LoginNotes.SsoAuth) == "true" ? 0 : 1;
        var names = Levels.Map(client.Realm, client);
        string? acr = null;
        if (names.Count > 0)
        {
            var claims = notes.GetValueOrDefault("claims");
            acr = Highest(client, level, RequestedLevels.Essential(claims))
                ?? Highest(client, level, RequestedLevels.Wished(client, claims, notes.GetValueOrDefault("acr_values")))
                ?? Highest(client, level, names.Keys);
        }

        context.Claims.Set("acr", acr ?? level.ToString());
    }

    private static string? Highest(Client client, int reached, IEnumerable<string> names)
    {
        var (best, highest) = ((string?)null, -1);
        foreach (var name in names)
        {
            if (Levels.Find(client.Realm, client, name) is { } level && level <= reached && level > highest)
            {
                (best, highest) = (name, level);
            }
        }

        return best;
    }
}
