using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Server.Admin.ServerInfo;

namespace Castellan.Server.Admin.UserFederation;

/// <summary>The kinds of mappers that a federation can have, with the defaults and choices that go with its settings.</summary>
internal static class LdapMapperKinds
{
    private static readonly string[] s_kept = ["always.read.value.from.ldap", "always.read.enabled.value.from.ldap"];

    public static List<JsonElement> Of(ComponentRepresentation federation) => [.. Providers.OfType(LdapProvider.MapperType).Select(kind => With(kind, federation))];

    private static JsonElement With(JsonElement kind, ComponentRepresentation federation)
    {
        // Certificates are read in any mode; they have no default of their own.
        var shown = JsonObject.Create(kind)!;
        if ((string?)shown["id"] == "certificate-ldap-mapper")
        {
            return kind;
        }

        var writes = LdapProvider.Text(federation, "editMode") == "WRITABLE";
        var imports = LdapProvider.Text(federation, "importEnabled") is null || LdapProvider.IsTrue(federation, "importEnabled");
        var properties = shown["properties"]!.AsArray();
        foreach (var property in properties.OfType<JsonObject>())
        {
            var value = (string?)property["name"] switch
            {
                "read.only" => writes ? "false" : "true",
                "write.only" => writes ? "true" : "false",
                "mode" => writes ? "LDAP_ONLY" : "READ_ONLY",
                "group.object.classes" or "role.object.classes" when LdapProvider.IsActiveDirectory(federation) => "group",
                "membership.user.ldap.attribute" => LdapProvider.UsernameAttribute(federation),
                _ => null,
            };
            if (value is not null)
            {
                property["defaultValue"] = value;
            }

            Choose(property, imports, LdapProvider.IsActiveDirectory(federation));
        }

        if (!imports)
        {
            // Where nothing is kept, everything is always read.
            properties.RemoveAll(p => s_kept.Contains((string?)p!["name"]));
        }

        using var document = JsonDocument.Parse(shown.ToJsonString());
        return document.RootElement.Clone();
    }

    /// <summary>Choices that only some federations have.</summary>
    private static void Choose(JsonObject property, bool imports, bool isActiveDirectory)
    {
        var kind = property["helpText"]?.ToString().Contains("group", StringComparison.Ordinal) == true ? "group" : "role";
        switch ((string?)property["name"])
        {
            case "mode" when !imports:
                property["options"] = new JsonArray("LDAP_ONLY", "READ_ONLY");
                property["helpText"] = $"LDAP_ONLY means that specified {kind} mappings are writable to LDAP. READ_ONLY means "
                    + (kind == "group" ? "that group mappings are not writable to LDAP." : "LDAP is readonly.");
                break;
            case "user.roles.retrieve.strategy" when isActiveDirectory:
                var strategy = $"LOAD_{kind.ToUpperInvariant()}S_BY_MEMBER_ATTRIBUTE_RECURSIVELY";
                property["options"]!.AsArray().Add((JsonNode)strategy);
                property["helpText"] = $"{property["helpText"]}{strategy} is applicable just in Active Directory and it means that {kind}s of user will be retrieved recursively with usage of LDAP_MATCHING_RULE_IN_CHAIN Ldap extension.";
                break;
        }
    }
}
