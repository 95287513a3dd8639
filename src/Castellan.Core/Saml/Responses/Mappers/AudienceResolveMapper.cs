using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>The clients of SAML of which the person has a role that the client may hear of.</summary>
internal sealed class AudienceResolveMapper : ISamlMapper
{
    public string Id => "saml-audience-resolve-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        foreach (var client in context.RelatedClients)
        {
            context.AddAudience(client);
        }
    }
}
