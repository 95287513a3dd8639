using Castellan.Core.Clients;
using Castellan.Core.Login.Protocols;
using Castellan.Core.Mappers;
using Castellan.Core.Representations;
using Castellan.Core.Saml.Responses.Mappers;
using Castellan.Core.Tokens;

namespace Castellan.Core.Saml.Responses;

/// <summary>The scopes of a client of SAML, which are its default ones, and the mappers of both, compiled, in the order in which they run.</summary>
internal sealed class SamlMapperPlan
{
    private readonly (ISamlMapper Type, MapperModel Model, ClientScope? Scope)[] _mappers;

    private SamlMapperPlan(Client client)
    {
        Scopes = new(client, [.. client.DefaultScopes.Where(s => s.Representation.Protocol == SignInProtocols.Saml)], []);
        _mappers = [.. Scopes.Active.SelectMany(s => Compile(s.Representation.ProtocolMappers, s)).Concat(Compile(client.Representation.ProtocolMappers, null)).OrderBy(m => m.Type.Priority)];
    }

    public GrantedScopes Scopes { get; }

    public static SamlMapperPlan Of(Client client) => client.Compiled(static c => new SamlMapperPlan(c));

    public bool Holds<T>() where T : ISamlMapper => Array.Exists(_mappers, m => m.Type is T);

    /// <summary>Runs the client's mappers, and those of the scopes that the person may use.</summary>
    public void Run(SamlMapperContext context, GrantedScopes permitted)
    {
        foreach (var (type, model, scope) in _mappers)
        {
            if (scope is null || permitted.Active.Contains(scope))
            {
                type.Map(context, model);
            }
        }
    }

    private static IEnumerable<(ISamlMapper Type, MapperModel Model, ClientScope? Scope)> Compile(List<ProtocolMapperRepresentation>? mappers, ClientScope? scope)
    {
        foreach (var representation in mappers ?? [])
        {
            if (representation.Protocol == SignInProtocols.Saml && SamlMappers.Find(representation.ProtocolMapper) is { } type)
            {
                yield return (type, new(representation), scope);
            }
        }
    }
}
