using System.Text.Json;
using Castellan.Core.Outbound;
using Castellan.Core.Realms;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>The client policies of a realm that are in force: to whom each applies, and what it demands. Compiled once for a picture of the realm.</summary>
public sealed class ClientPolicies
{
    private static readonly Dictionary<string, PolicyExecutor> s_executors = new PolicyExecutor[]
    {
        new ConsentRequiredExecutor(), new FullScopeDisabledExecutor(), new ConfidentialClientExecutor(), new ClientAuthenticatorExecutor(),
        new ClientUrisExecutor(), new RedirectUrisExecutor(), new SignatureAlgorithmExecutor(), new LogoutExecutor(),
        new PkceExecutor(), new ImplicitGrantExecutor(), new PasswordGrantExecutor(), new RejectRequestExecutor(),
        new SessionExecutor(), new ResponseTypeExecutor(), new RequestObjectExecutor(), new PushedContentExecutor(),
        new LightweightTokenExecutor(), new RefreshRotationExecutor(), new DPoPExecutor(), new HolderOfKeyExecutor(),
        new ClientUriPatternsExecutor(), new JwtClaimExecutor(), new DownscopeExecutor(), new AuthenticationFlowExecutor(), new IntentExecutor(),
        new SignedJwtAlgorithmExecutor(), new ClientAssertionExecutor(), new RegistrationTokenExecutor(),
        new SamlRedirectExecutor(), new SamlUrisExecutor(), new SamlSignaturesExecutor(),
        new CibaSessionExecutor(), new CibaSignedRequestExecutor(), new CibaAlgorithmExecutor(),
    }.ToDictionary(e => e.Id, StringComparer.Ordinal);

    /// <summary>Executors that demand nothing here: they are about a kind of certificates that there is not yet.</summary>
    private static readonly string[] s_withoutEffect = ["tls-client-auth-ca-subject-dn"];

    private readonly List<(List<(string Condition, PolicySettings Settings)> Conditions, List<(PolicyExecutor Executor, PolicySettings Settings)> Executors)> _policies = [];

    private ClientPolicies(Realm realm)
    {
        var profiles = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var profile in List(s_global.Value).Concat(List(realm.Settings.ClientProfiles, "profiles")))
        {
            profiles[Text(profile, "name") ?? ""] = profile;
        }

        foreach (var policy in List(realm.Settings.ClientPolicies, "policies"))
        {
            if (policy.TryGetProperty("enabled", out var enabled) && enabled.ValueKind == JsonValueKind.True)
            {
                var named = new PolicySettings(policy).Texts("profiles").Where(profiles.ContainsKey).SelectMany(p => List(profiles[p], "executors")).ToList();
                WithoutEffect.AddRange(named.Select(e => Text(e, "executor") ?? "").Where(e => s_withoutEffect.Contains(e)).Select(e => (Text(policy, "name") ?? "", e)));
                _policies.Add((
                    [.. List(policy, "conditions").Select(c => (Text(c, "condition") ?? "", Settings(c)))],
                    [.. named.Where(e => s_executors.ContainsKey(Text(e, "executor") ?? "")).Select(e => (s_executors[Text(e, "executor")!], Settings(e)))]));
            }
        }
    }

    /// <summary>The profiles that come with the server, as JSON.</summary>
    public static ReadOnlyMemory<byte> GlobalProfiles => s_globalText.Value;

    /// <summary>Policies that name an executor that demands nothing here, with its name.</summary>
    public List<(string Policy, string Executor)> WithoutEffect { get; } = [];

    public static ClientPolicies Of(Realm realm) => realm.Compiled(static r => new ClientPolicies(r));

    public ProtocolError? Change(ClientChangeOccasion occasion) => Run(occasion, static (executor, change, settings) => executor.Change(change, settings));

    /// <summary>Whether a client may use an endpoint at all.</summary>
    public ProtocolError? Enter(EndpointOccasion occasion) => occasion.Endpoint is ClientEndpoint.Token or ClientEndpoint.PushedRequest or ClientEndpoint.BackchannelAuthentication
        ? null
        : Run(occasion, static (executor, entry, settings) => executor.Enter(entry, settings));

    /// <summary>What is demanded of the assertion by which a client proves itself.</summary>
    public ProtocolError? Prove(ProofOccasion occasion) => Run(occasion, static (executor, proof, settings) => executor.Prove(proof, settings));

    /// <param name="fetch">By which executors ask others.</param>
    public async ValueTask<ProtocolError?> AuthorizeAsync(AuthorizationOccasion occasion, IFetch fetch, CancellationToken ct)
    {
        foreach (var (executor, settings) in InForce(occasion))
        {
            if ((executor.Authorize(occasion, settings) ?? await executor.AuthorizeAsync(occasion, settings, fetch, ct)) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    public ProtocolError? Backchannel(BackchannelOccasion occasion) => Run(occasion, static (executor, request, settings) => executor.Backchannel(request, settings));

    public ProtocolError? Saml(SamlOccasion occasion) => Run(occasion, static (executor, request, settings) => executor.Saml(request, settings));

    public ProtocolError? Token(TokenOccasion occasion) => Run(occasion, static (executor, request, settings) => executor.Token(request, settings));

    private ProtocolError? Run<T>(T occasion, Func<PolicyExecutor, T, PolicySettings, ProtocolError?> run) where T : PolicyOccasion =>
        _policies.Count == 0 ? null : InForce(occasion).Select(e => run(e.Executor, occasion, e.Settings)).FirstOrDefault(refusal => refusal is not null);

    private IEnumerable<(PolicyExecutor Executor, PolicySettings Settings)> InForce(PolicyOccasion occasion) =>
        _policies.Where(p => Applies(p.Conditions, occasion)).SelectMany(p => p.Executors);

    /// <summary>A policy applies when at least one condition says so and none says no; those that the occasion does not concern are not asked.</summary>
    private static bool Applies(List<(string Condition, PolicySettings Settings)> conditions, PolicyOccasion occasion)
    {
        var applies = false;
        foreach (var (condition, settings) in conditions)
        {
            if (PolicyConditions.Holds(condition, occasion, settings) is not { } holds)
            {
                continue;
            }

            if (holds == settings.Flag("is-negative-logic"))
            {
                return false;
            }

            applies = true;
        }

        return applies;
    }

    private static PolicySettings Settings(JsonElement entry) => new(entry.TryGetProperty("configuration", out var configuration) ? configuration : null);

    private static string? Text(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<JsonElement> List(JsonElement? within, string name) =>
        within is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(name, out var list) ? List(list) : [];

    private static IEnumerable<JsonElement> List(JsonElement list) => list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.Object) : [];

    private static readonly Lazy<byte[]> s_globalText = new(() =>
    {
        using var stream = typeof(ClientPolicies).Assembly.GetManifestResourceStream("client-profiles.json")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    });

    private static readonly Lazy<JsonElement> s_global = new(() => JsonElement.Parse(s_globalText.Value));
}
