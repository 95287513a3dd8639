using Castellan.Core.Login;
using Castellan.Core.Mappers;

namespace Castellan.Core.Saml.Responses.Mappers;

/// <summary>The context of authentication that stands for the level that was reached; only where the client says which context is which level.</summary>
internal sealed class AuthnContextMapper : ISamlMapper
{
    public string Id => "saml-authn-context-class-ref-mapper";

    public void Map(SamlMapperContext context, MapperModel mapper)
    {
        if (context.Level is { } level && context.Client.Attribute("acr.loa.map") is not null)
        {
            context.ContextClass = Levels.Map(context.Realm, context.Client).Where(l => l.Value == level).Select(l => l.Key).FirstOrDefault();
        }
    }
}
