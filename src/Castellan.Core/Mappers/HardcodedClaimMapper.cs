namespace Castellan.Core.Mappers;

/// <summary>A fixed value.</summary>
internal sealed class HardcodedClaimMapper : IProtocolMapper
{
    public string Id => "oidc-hardcoded-claim-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper) => ClaimValues.Set(context, mapper, mapper["claim.value"]);
}
