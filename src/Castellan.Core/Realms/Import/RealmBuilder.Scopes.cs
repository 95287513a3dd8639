using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private List<string> _defaultScopes = [];
    private List<string> _optionalScopes = [];

    // The built-in clients are made before the scopes of the file are known, so they get what was built in, or nothing.
    private bool _builtInScopes;

    // Whether the file has both the role and the scope of offline access.
    private bool _offlineIsGiven;

    private void BuildScopes()
    {
        _offlineIsGiven = file.ClientScopes?.Exists(s => s.Name == "offline_access") is true
            && file.Roles?.Realm?.Exists(r => r.Name == DefaultRoles.OfflineAccess) is true;
        _builtInScopes = file.ClientScopes is null;
        if (file.ClientScopes is null)
        {
            foreach (var scope in DefaultClientScopes.Make())
            {
                AddScope(scope);
            }

            AddTemplates();

            (_defaultScopes, _optionalScopes) = ([.. DefaultClientScopes.Default], [.. DefaultClientScopes.Optional]);
            return;
        }

        foreach (var scope in file.ClientScopes)
        {
            var place = $"clientScopes[{scope.Name}]";
            if (string.IsNullOrEmpty(scope.Name))
            {
                RefuseFault(place, "A client scope needs a name");
                return;
            }

            scope.Name = ScopeName(scope.Name)!;
            CheckLength(place, scope.Name, 255);
            CheckLength(place + ".description", scope.Description, 255);
            if (_scopes.ContainsKey(scope.Name))
            {
                RefuseDuplicate(place);
                return;
            }

            scope.Attributes ??= [];
            CompleteMappers(place, scope.ProtocolMappers);
            scope.ProtocolMappers = scope.ProtocolMappers is { Count: > 0 } ? scope.ProtocolMappers : null;
            AddScope(scope);
        }

        var offline = _scopes.ContainsKey("offline_access") ? [] : new List<string> { "offline_access" };
        if (offline.Count > 0)
        {
            AddScope(DefaultClientScopes.OfflineAccess());
        }

        _defaultScopes = [.. (file.DefaultDefaultClientScopes ?? []).Where(_scopes.ContainsKey).Distinct()];
        _optionalScopes = [.. (file.DefaultOptionalClientScopes ?? []).Concat(offline).Where(_scopes.ContainsKey).Distinct().Except(_defaultScopes)];
        AddTemplates();
    }

    private void AddTemplates()
    {
        foreach (var template in _templates.Where(t => t.Name is not null && !_scopes.ContainsKey(t.Name)))
        {
            CompleteMappers($"clientTemplates[{template.Name}]", template.ProtocolMappers);
            template.ProtocolMappers = template.ProtocolMappers is { Count: > 0 } ? template.ProtocolMappers : null;
            AddScope(template);
        }
    }

    private void AddScope(ClientScopeRepresentation scope)
    {
        scope.Id = string.IsNullOrEmpty(scope.Id) ? Ids.New() : scope.Id;
        _scopes[scope.Name!] = scope;
        AddPart(PartKind.ClientScope, scope.Id, scope.Name, scope, $"clientScopes[{scope.Name}]");
    }

    private void CompleteMappers(string place, List<ProtocolMapperRepresentation>? mappers)
    {
        var names = new HashSet<(string?, string?)>();
        foreach (var mapper in mappers ?? [])
        {
            if (!names.Add((mapper.Protocol, mapper.Name)))
            {
                Refuse($"{place}.protocolMappers[{mapper.Name}]", "Protocol mapper name must be unique per protocol", 409);
            }

            mapper.Id = string.IsNullOrEmpty(mapper.Id) ? Ids.New() : mapper.Id;
            mapper.ConsentRequired = false;
            mapper.ConsentText = null;
            mapper.Config = Filled(mapper.Config);
            Mappers.MapperCompletion.Fill(mapper);
            if (mapper.Config.GetValueOrDefault("id.token.claim") is { } inIdToken)
            {
                // Mappers followed the ID token before userinfo had a switch of its own.
                mapper.Config.TryAdd("userinfo.token.claim", inIdToken);
            }
        }
    }
}
