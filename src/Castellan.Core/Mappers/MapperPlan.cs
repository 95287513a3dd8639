using Castellan.Core.Clients;
using Castellan.Core.Representations;

namespace Castellan.Core.Mappers;

/// <summary>The mappers of a client and of some of its scopes, compiled, in the order in which they run, for each target apart.</summary>
public sealed class MapperPlan
{
    private readonly (IProtocolMapper Type, MapperModel Model)[][] _byTarget;

    private MapperPlan(List<(IProtocolMapper Type, MapperModel Model)> mappers)
    {
        var sorted = mappers.OrderBy(m => m.Type.Priority).ToList(); // stable
        _byTarget = [.. Enum.GetValues<MapperTarget>().Select(t => sorted.Where(m => m.Type.AppliesTo(t, m.Model)).ToArray())];
    }

    public static MapperPlan For(Client client, IReadOnlyList<ClientScope> scopes)
    {
        // The client's own come after those of its default scopes, and what a request asks for comes last: the last one to write a claim counts.
        var mappers = new List<(IProtocolMapper Type, MapperModel Model)>();
        var given = scopes.ToLookup(s => client.Representation.DefaultClientScopes?.Contains(s.Name) is true);
        foreach (var scope in given[true])
        {
            Add(scope.Representation.ProtocolMappers);
        }

        Add(client.Representation.ProtocolMappers);
        foreach (var scope in given[false])
        {
            Add(scope.Representation.ProtocolMappers);
        }

        return new(mappers);

        void Add(List<ProtocolMapperRepresentation>? representations)
        {
            foreach (var representation in representations ?? [])
            {
                if (representation.Protocol is null or "openid-connect" && ProtocolMappers.Find(representation.ProtocolMapper) is { } type)
                {
                    mappers.Add((type, new(representation)));
                }
            }
        }
    }

    /// <summary>Whether any mapper writes there.</summary>
    public bool Any(MapperTarget target) => _byTarget[(int)target].Length > 0;

    /// <summary>Whether a mapper of a type writes anywhere.</summary>
    public bool Holds(string type) => Array.Exists(_byTarget, mappers => Array.Exists(mappers, m => m.Type.Id == type));

    /// <summary>Whether a mapper that may be told which claim to write was told this one.</summary>
    public bool Writes(string claim) => Array.Exists(_byTarget, mappers => Array.Exists(mappers, m => m.Model.ClaimPath is [var name] && name == claim));

    public void Run(MapperContext context)
    {
        foreach (var (type, model) in _byTarget[(int)context.Target])
        {
            type.Map(context, model);
        }

        foreach (var name in context.Instead?.Names ?? [])
        {
            context.Claims.Set(name, context.Instead![name]);
        }
    }
}

/// <summary>Every type of OpenID Connect mapper: a new one is a file and a line here.</summary>
public static class ProtocolMappers
{
    public static IReadOnlyList<IProtocolMapper> All { get; } =
    [
        new AcrMapper(), new AddressMapper(), new AllowedOriginsMapper(), new AmrMapper(), new AudienceMapper(), new AudienceResolveMapper(),
        new ClaimsParameterMapper(), new ClaimsParameterValueMapper(), new ClientRoleMapper(), new FullNameMapper(), new GroupMembershipMapper(), new HardcodedClaimMapper(), new HardcodedRoleMapper(),
        new NonceMapper(), new OrganizationGroupMembershipMapper(), new OrganizationMembershipMapper(), new PairwiseSubjectMapper(), new RealmRoleMapper(), new RoleNameMapper(), new SessionNoteMapper(),
        new SessionStateMapper(), new SubjectMapper(), new UserAttributeMapper(), new UserPropertyMapper(),
    ];

    private static readonly Dictionary<string, IProtocolMapper> s_byId = All.ToDictionary(m => m.Id, StringComparer.Ordinal);

    public static IProtocolMapper? Find(string? id) => id is null ? null : s_byId.GetValueOrDefault(id);
}
