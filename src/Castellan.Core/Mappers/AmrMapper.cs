using System.Text.Json;

namespace Castellan.Core.Mappers;

/// <summary>The methods of this sign-in (RFC 8176): the reference values of the executions that were passed and have not aged out.</summary>
internal sealed class AmrMapper : IProtocolMapper
{
    public string Id => "oidc-amr-mapper";

    public bool AppliesTo(MapperTarget target, MapperModel mapper) =>
        target is MapperTarget.Access or MapperTarget.Lightweight or MapperTarget.Id && mapper.Includes(target);

    public void Map(MapperContext context, MapperModel mapper)
    {
        var methods = new List<string>();
        if (context.Grant.Session.Notes.GetValueOrDefault("authenticators-completed") is { } note)
        {
            var data = context.Grant.Realm.Data;
            foreach (var (execution, at) in Read(note))
            {
                var config = data.Flows.SelectMany(f => f.AuthenticationExecutions ?? []).FirstOrDefault(e => e.Id == execution)?.AuthenticatorConfig;
                var settings = data.AuthenticatorConfigs.FirstOrDefault(c => config is not null && (c.Alias == config || c.Id == config))?.Config;
                if (settings?.GetValueOrDefault("default.reference.value") is { Length: > 0 } reference
                    && (!long.TryParse(settings.GetValueOrDefault("default.reference.maxAge"), out var maxAge) || maxAge == 0 || at + maxAge >= context.NowSeconds))
                {
                    methods.Add(reference);
                }
            }
        }

        context.Claims.Set("amr", methods);
    }

    private static List<(string Execution, long At)> Read(string note)
    {
        var completed = new List<(string, long)>();
        try
        {
            using var json = JsonDocument.Parse(note);
            foreach (var entry in json.RootElement.EnumerateObject())
            {
                if (entry.Value.TryGetInt64(out var at))
                {
                    completed.Add((entry.Name, at));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            completed.Clear();
        }

        return completed;
    }
}
