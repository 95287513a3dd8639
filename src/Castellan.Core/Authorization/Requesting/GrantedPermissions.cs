using System.Buffers;
using System.Text.Json;
using Castellan.Core.Authorization.Evaluation;
using Castellan.Core.Tokens;
using Castellan.Protocol.Messages;

namespace Castellan.Core.Authorization.Requesting;

/// <summary>One permission of a requesting party token: a resource with the scopes of it that are granted, or scopes of no resource.</summary>
public sealed record GrantedPermission(string? ResourceId, string? ResourceName, IReadOnlyList<string> Scopes)
{
    /// <summary>
    /// Whether this is what an earlier or wanted permission asks for: a scope of the same resource, or of none. One without scopes is another than the same
    /// resource with some.
    /// </summary>
    public bool Covers(string? resourceId, IReadOnlyList<string> scopes) =>
        ResourceId == resourceId && (scopes.Count == 0 ? ResourceId is not null && Scopes.Count == 0 : Scopes.Any(scopes.Contains));
}

/// <summary>What was granted, as tokens and answers write it.</summary>
public sealed class GrantedPermissions(IReadOnlyList<GrantedPermission> permissions, IReadOnlyDictionary<string, IReadOnlyList<string>> pushed, bool named)
{
    /// <summary>The longest claim: a token of it is still one that the realm reads. A list goes nowhere else and may be longer.</summary>
    private const int LongestClaim = 64 * 1024, LongestList = 4 * 1024 * 1024;

    private static readonly JsonWriterOptions s_plain = new() { Encoder = PlainJson.Encoder };

    public IReadOnlyList<GrantedPermission> All => permissions;

    /// <summary>The permissions of answers, each resource once; scopes of no resource are one each.</summary>
    public static List<GrantedPermission> Of(IEnumerable<PermissionAnswer> answers)
    {
        var granted = new List<GrantedPermission>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var answer in answers.Where(a => a.Granted))
        {
            var scopes = answer.Scopes.Select(s => s.Name!).ToList();
            if (answer.Resource is not { } resource || places.TryAdd(resource.Id, granted.Count))
            {
                granted.Add(new(answer.Resource?.Id, answer.Resource?.Name, scopes));
            }
            else
            {
                var at = places[resource.Id];
                granted[at] = granted[at] with { Scopes = [.. granted[at].Scopes.Union(scopes)] };
            }
        }

        return granted;
    }

    /// <summary>The permissions that a requesting party token holds.</summary>
    public static List<WantedPermission> Read(JsonElement? authorization)
    {
        if (authorization is not { ValueKind: JsonValueKind.Object } claim || !claim.TryGetProperty("permissions", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return
        [
            .. list.EnumerateArray().Where(p => p.ValueKind == JsonValueKind.Object)
                .Select(p => new WantedPermission(PolicyContext.Member(p, "rsid") is { ValueKind: JsonValueKind.String } id ? id.GetString() : null, PushedClaims.Texts(p, "scopes"))),
        ];
    }

    /// <summary>The permissions as introspection shows them: under UMA's names and under Keycloak's (UMA 2.0 Federated Authorization §5.1.1).</summary>
    public static IReadOnlyList<Claims> Introspected(JsonElement? authorization)
    {
        var shown = new List<Claims>();
        if (authorization is not { ValueKind: JsonValueKind.Object } claim || !claim.TryGetProperty("permissions", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return shown;
        }

        foreach (var permission in list.EnumerateArray().Where(p => p.ValueKind == JsonValueKind.Object))
        {
            // What was pushed at the grant is between the client and the policies.
            var one = new Claims();
            foreach (var member in permission.EnumerateObject().Where(m => m.Name is "rsid" or "rsname" or "scopes"))
            {
                one.Set(member.Name, member.Value);
                one.Set(member.Name switch { "rsid" => "resource_id", "scopes" => "resource_scopes", _ => member.Name }, member.Value);
            }

            one.Set("resource_scopes", one["resource_scopes"] ?? Array.Empty<string>());
            shown.Add(one);
        }

        return shown;
    }

    /// <summary>The list; null when it is too long.</summary>
    public byte[]? ToJson() => Write(json => WriteList(json, LongestList));

    /// <summary>The claim <c>authorization</c>; null when it is too long.</summary>
    public JsonElement? ToClaim()
    {
        var claim = Write(json =>
        {
            json.WriteStartObject();
            json.WritePropertyName("permissions");
            var all = WriteList(json, LongestClaim);
            json.WriteEndObject();
            return all;
        });
        return claim is null ? null : JsonElement.Parse(claim);
    }

    /// <summary>The answer of those who only want to know whether.</summary>
    public static byte[] Decision { get; } = [.. "{\"result\":true}"u8];

    private static byte[]? Write(Func<Utf8JsonWriter, bool> write)
    {
        var body = new ArrayBufferWriter<byte>(256);
        bool all;
        using (var json = new Utf8JsonWriter(body, s_plain))
        {
            all = write(json);
        }

        return all ? body.WrittenSpan.ToArray() : null;
    }

    /// <summary>Whether all of them went into so many bytes.</summary>
    private bool WriteList(Utf8JsonWriter json, int longest)
    {
        var all = true;
        json.WriteStartArray();
        foreach (var permission in permissions)
        {
            json.WriteStartObject();
            Texts("scopes", permission.Scopes);
            if (pushed.Count > 0)
            {
                json.WriteStartObject("claims");
                foreach (var (name, values) in pushed)
                {
                    Texts(name, values, always: true);
                }

                json.WriteEndObject();
            }

            if (permission.ResourceId is not null)
            {
                json.WriteString("rsid", permission.ResourceId);
                if (named)
                {
                    json.WriteString("rsname", permission.ResourceName);
                }
            }

            json.WriteEndObject();
            if (json.BytesCommitted + json.BytesPending > longest)
            {
                all = false;
                break;
            }
        }

        json.WriteEndArray();
        return all;

        void Texts(string name, IReadOnlyList<string> values, bool always = false)
        {
            if (values.Count == 0 && !always)
            {
                return;
            }

            json.WriteStartArray(name);
            foreach (var value in values)
            {
                json.WriteStringValue(value);
            }

            json.WriteEndArray();
        }
    }
}
