using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>The session's id as <c>session_state</c>, which tokens carried before they had <c>sid</c>.</summary>
internal sealed class SessionStateMapper : IProtocolMapper
{
    public string Id => "oidc-session-state-mapper";

    public void Map(MapperContext context, MapperModel mapper)
    {
        if (context.Grant.Kind != SessionKind.Transient)
        {
            context.Claims.Set("session_state", context.Grant.Session.Id);
        }
    }
}
