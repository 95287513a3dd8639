using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>The clients of SAML of which the person has a role that the client may hear of.</summary>
internal sealed class AudienceResolveMapper : ISamlMapper
{
    public string Id => "saml-audience-resolve-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        // One for each role, as Keycloak has it: who reads the list asks only whether it is in there.
        context.Audiences.AddRange(context.RelatedClients.Where(c => c != context.Client.ClientId));
    }
}
