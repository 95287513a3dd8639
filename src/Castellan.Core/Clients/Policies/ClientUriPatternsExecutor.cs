using System.Text.RegularExpressions;
using Castellan.Core.Representations;
using Castellan.Protocol.Errors;

namespace Castellan.Core.Clients.Policies;

/// <summary>
/// The addresses of clients match one of the patterns that are allowed: a guard against addresses that the server would fetch from its own network.
/// Without a pattern that can be read no address is allowed; without chosen fields all of them are looked at.
/// </summary>
internal sealed class ClientUriPatternsExecutor() : PolicyExecutor("secure-client-uris-pattern")
{
    // The fields by their names in the settings.
    private static readonly Dictionary<string, Func<ClientRepresentation, IEnumerable<string?>>> s_fields = new(StringComparer.Ordinal)
    {
        ["rootUrl"] = c => [c.RootUrl],
        ["adminUrl"] = c => [c.AdminUrl],
        ["baseUrl"] = c => [c.BaseUrl],
        ["redirectUris"] = c => c.RedirectUris ?? [],
        ["webOrigins"] = c => c.WebOrigins ?? [],
        ["jwksUri"] = c => [Attribute(c, "jwks.url")],
        ["requestUris"] = c => Many(c, "request.uris"),
        ["backchannelLogoutUrl"] = c => [Attribute(c, "backchannel.logout.url")],
        ["postLogoutRedirectUris"] = c => Many(c, "post.logout.redirect.uris"),
        ["cibaClientNotificationEndpoint"] = c => [Attribute(c, "ciba.backchannel.client.notification.endpoint")],
        ["sectorIdentifierUri"] = c => [Attribute(c, "sectorIdentifierUri")],
    };

    // These are attributes of the same name.
    private static readonly string[] s_attributes = ["logoUri", "policyUri", "tosUri", .. ProviderAttributes.All.Select(a => a.Attribute)];

    public override ProtocolError? Change(ClientChangeOccasion occasion, PolicySettings settings)
    {
        var chosen = settings.Texts("client-uri-fields");
        var patterns = settings.Texts("allowed-patterns").Select(Patterns.Read).OfType<Regex>().ToList();
        foreach (var field in s_fields.Keys.Concat(s_attributes).Where(f => chosen.Count == 0 || chosen.Contains(f)))
        {
            var values = (s_fields.TryGetValue(field, out var read) ? read(occasion.Client) : [Attribute(occasion.Client, field)]).Where(v => !string.IsNullOrEmpty(v)).ToList();
            if (values.Count > 0 && patterns.Count == 0)
            {
                return new("invalid_client_metadata", $"Invalid {field}: No valid allowed patterns configured");
            }

            if (values.Exists(v => !patterns.Exists(p => p.IsMatch(v!))))
            {
                return new("invalid_client_metadata", "Invalid " + field);
            }
        }

        return null;
    }

    private static string? Attribute(ClientRepresentation client, string name) => client.Attributes?.GetValueOrDefault(name);

    private static string[] Many(ClientRepresentation client, string name) => Attribute(client, name)?.Split("##") ?? [];
}
