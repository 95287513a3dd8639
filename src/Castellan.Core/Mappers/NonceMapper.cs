namespace Castellan.Core.Mappers;

/// <summary>The nonce of the request in the access token too, where clients of old expect it.</summary>
internal sealed class NonceMapper : IProtocolMapper
{
    public string Id => "oidc-nonce-backwards-compatible-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) => target is MapperTarget.Access or MapperTarget.Lightweight or MapperTarget.Introspection;

    public void Map(MapperContext context, MapperModel mapper) => context.Claims.Set("nonce", context.Grant.Nonce ?? context.Claims["nonce"]);
}
