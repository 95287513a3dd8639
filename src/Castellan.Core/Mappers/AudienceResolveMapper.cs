namespace Castellan.Core.Mappers;

/// <summary>Adds every client of which the token holds a role to the audience, but never the token's own client.</summary>
internal sealed class AudienceResolveMapper : IProtocolMapper
{
    public string Id => "oidc-audience-resolve-mapper";

    public int Priority => 30;

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is MapperTarget.Access or MapperTarget.Lightweight or MapperTarget.Introspection
        && mapper.IncludesOrIsSilent(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        foreach (var client in context.Roles.Clients.Keys)
        {
            if (client != context.Grant.Client.ClientId)
            {
                context.AddAudience(client);
            }
        }
    }
}
