namespace Castellan.Core.Mappers;

/// <summary>One claim with the very value that the request demands for it: an id of an intent, say, that the client registered elsewhere.</summary>
internal sealed class ClaimsParameterValueMapper : IProtocolMapper
{
    public string Id => "oidc-claims-param-value-idtoken-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target == MapperTarget.Id && mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        foreach (var (name, value) in RequestedClaims.Essential(context, "id_token"))
        {
            if (name == mapper["claim.name"])
            {
                ClaimValues.Set(context, mapper, value);
            }
        }
    }
}
