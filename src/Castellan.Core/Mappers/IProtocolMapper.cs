using Castellan.Core.Representations;
using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>Where the claims go.</summary>
public enum MapperTarget
{
    /// <summary>A full access token.</summary>
    Access,

    /// <summary>An access token that carries only what is marked for it.</summary>
    Lightweight,

    Id,

    UserInfo,

    Introspection,

    /// <summary>The token response itself, beside the tokens.</summary>
    Response,
}

/// <summary>A type of protocol mapper: what it puts into tokens. One file each; the list is <see cref="ProtocolMappers.All"/>.</summary>
public interface IProtocolMapper
{
    /// <summary>The name in <c>protocolMapper</c>.</summary>
    string Id { get; }

    /// <summary>Mappers run in ascending order: those that change roles before those that write them.</summary>
    int Priority => 0;

    /// <summary>Whether a mapper of this type, configured so, has anything to do there. Few types write into the token response.</summary>
    bool AppliesTo(MapperTarget target, MapperModel mapper) => target != MapperTarget.Response && mapper.Includes(target);

    void Map(MapperContext context, MapperModel mapper);
}

/// <summary>What a mapper sees and changes.</summary>
public sealed class MapperContext
{
    public required Grant Grant { get; init; }

    public required MapperTarget Target { get; init; }

    public required Claims Claims { get; init; }

    /// <summary>The roles that the token may carry.</summary>
    public required GrantedRoles Roles { get; init; }

    public required long NowSeconds { get; init; }

    /// <summary>The audience of the token.</summary>
    public List<string> Audience { get; } = [];

    /// <summary>What stands in the token in the place of roles and origins, whoever writes those: what other mappers wrote under their names.</summary>
    public Claims? Instead { get; set; }

    public void AddAudience(string audience)
    {
        if (!Audience.Contains(audience))
        {
            Audience.Add(audience);
        }
    }
}

/// <summary>A configured mapper in its compiled form.</summary>
public sealed class MapperModel
{
    private readonly IReadOnlyDictionary<string, string?> _config;
    private readonly bool[] _targets = new bool[6];

    public MapperModel(ProtocolMapperRepresentation representation)
    {
        Name = representation.Name ?? "";
        _config = representation.Config ?? [];
        var (access, id) = (Flag("access.token.claim"), Flag("id.token.claim"));
        _targets[(int)MapperTarget.Access] = access;
        _targets[(int)MapperTarget.Id] = id;
        _targets[(int)MapperTarget.Lightweight] = Flag("lightweight.claim");
        // An absent switch follows that of the token that is nearest to it.
        _targets[(int)MapperTarget.UserInfo] = this["userinfo.token.claim"] is null ? id : Flag("userinfo.token.claim");
        _targets[(int)MapperTarget.Introspection] = this["introspection.token.claim"] is null ? access : Flag("introspection.token.claim");
        _targets[(int)MapperTarget.Response] = Flag("access.tokenResponse.claim");
        ClaimPath = Split(this["claim.name"]);
        JsonType = this["jsonType.label"] ?? "";
        Multivalued = Flag("multivalued");
    }

    public string Name { get; }

    /// <summary>The claim's name, taken apart at its dots; empty when there is none, and then nothing is written.</summary>
    public string[] ClaimPath { get; }

    /// <summary>String, int, long, boolean, JSON, or empty.</summary>
    public string JsonType { get; }

    public bool Multivalued { get; }

    public string? this[string name] => _config.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <summary>Whether a switch is on. It is by <c>true</c> in small letters alone, as in Keycloak, where <c>TRUE</c> hides a claim.</summary>
    public bool Flag(string name) => _config.GetValueOrDefault(name) == "true";

    /// <summary>The same for the few switches that Keycloak reads in letters of either size.</summary>
    public bool FlagInAnyCase(string name) => string.Equals(_config.GetValueOrDefault(name), "true", StringComparison.OrdinalIgnoreCase);

    public bool Includes(MapperTarget target) => _targets[(int)target];

    /// <summary>The same for a type that writes into access tokens, and tells of them, where nothing is said against it.</summary>
    public bool IncludesOrIsSilent(MapperTarget target) => Includes(target) || target switch
    {
        MapperTarget.Access => Lacks("access.token.claim"),
        MapperTarget.Introspection => Lacks("introspection.token.claim"),
        _ => false,
    };

    /// <summary>Whether the configuration says nothing at all of this switch: older realm files had no switches for some types.</summary>
    public bool Lacks(string name) => !_config.ContainsKey(name);

    /// <summary>
    /// A claim name: a dot begins a nested object, and what follows a backslash stands for itself. A dot with nothing before it begins nothing: from there on
    /// the name is one.
    /// </summary>
    public static string[] Split(string? name)
    {
        var parts = new List<string>();
        var part = new System.Text.StringBuilder();
        var (nests, begun) = (true, false);
        for (var i = 0; i < name?.Length; i++)
        {
            if (name[i] == '.' && nests && begun)
            {
                parts.Add(part.ToString());
                part.Clear();
                begun = false;
                continue;
            }

            nests &= name[i] != '.';
            begun = true;
            part.Append(name[i] == '\\' && i + 1 < name.Length ? name[++i] : name[i]);
        }

        if (begun)
        {
            parts.Add(part.ToString());
        }

        return [.. parts];
    }
}
