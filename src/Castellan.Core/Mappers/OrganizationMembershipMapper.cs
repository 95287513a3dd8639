using Castellan.Core.Representations;
using Castellan.Core.Tokens;

namespace Castellan.Core.Mappers;

/// <summary>The organizations of the user that the scope asks for: their aliases, or an object with what the mapper adds of each.</summary>
public sealed class OrganizationMembershipMapper : IProtocolMapper
{
    private const string Ids = "addOrganizationId";
    private const string Attributes = "addOrganizationAttributes";
    private const string Domains = "addOrganizationDomain";

    public const string Type = "oidc-organization-membership-mapper";

    public string Id => Type;

    public void Map(MapperContext context, MapperModel mapper)
    {
        var organizations = context.Grant.Organizations;
        if (organizations.Count == 0)
        {
            return;
        }

        var path = mapper.ClaimPath.Length == 0 ? [Organizations.OrganizationScope.Name] : mapper.ClaimPath;
        // A mapper that does not say tells of all organizations.
        var all = mapper.Multivalued || mapper.Lacks("multivalued");
        if (!all)
        {
            // It is a value as any other: where JSON is wanted, an alias that is none gives no claim.
            ClaimValues.Set(context, mapper, path, organizations[0].Alias!);
            return;
        }

        // What there is to tell of each has a place in objects only.
        var adds = mapper.Multivalued && (mapper.FlagInAnyCase(Ids) || mapper.FlagInAnyCase(Attributes) || mapper.FlagInAnyCase(Domains));
        ClaimValues.Set(context, path, adds || mapper.JsonType == "JSON" ? Describe(context, mapper, organizations, adds) : organizations.Select(object (o) => o.Alias!).ToList());
    }

    /// <summary>Fills in what a mapper does where its settings say nothing, or where they say what cannot be.</summary>
    public static void Complete(Dictionary<string, string?> config)
    {
        config.TryAdd("jsonType.label", "String");
        if (config.GetValueOrDefault("multivalued") != "true")
        {
            (config[Attributes], config[Ids]) = ("false", "false");
        }

        if (IsTrue(Attributes) || IsTrue(Ids) || IsTrue(Domains))
        {
            config["jsonType.label"] = "JSON";
        }

        config.TryAdd("claim.name", Organizations.OrganizationScope.Name);
        config.TryAdd("multivalued", "true");

        bool IsTrue(string name) => string.Equals(config.GetValueOrDefault(name), "true", StringComparison.OrdinalIgnoreCase);
    }

    private static Claims Describe(MapperContext context, MapperModel mapper, IReadOnlyList<OrganizationRepresentation> organizations, bool adds)
    {
        var all = new Claims();
        foreach (var organization in organizations)
        {
            var one = new Claims();
            // An attribute does not stand in for the id.
            foreach (var (name, values) in adds && mapper.FlagInAnyCase(Attributes) ? organization.Attributes ?? [] : [])
            {
                one.Set(name, values.ConvertAll(object (v) => v));
            }

            if (adds && mapper.FlagInAnyCase(Ids))
            {
                one.Set("id", organization.Id);
            }

            if (adds && mapper.FlagInAnyCase(Domains) && DomainOf(organization, context.Grant.User.Email) is { } domain)
            {
                one.Set("domain", domain);
            }

            all.Set(organization.Alias!, one);
        }

        return all;
    }

    /// <summary>The domain of the organization that the person's address is in.</summary>
    private static string? DomainOf(OrganizationRepresentation organization, string? email) => email?[(email.LastIndexOf('@') + 1)..] is not { Length: > 0 } host
        ? null
        : organization.Domains?.Find(d => d.Name is { } name && (name.Equals(host, StringComparison.OrdinalIgnoreCase)
            || (name.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(name[1..], StringComparison.OrdinalIgnoreCase))))?.Name;
}
