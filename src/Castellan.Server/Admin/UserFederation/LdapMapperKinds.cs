using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;
using Castellan.Server.Admin.ServerInfo;

namespace Castellan.Server.Admin.UserFederation;

/// <summary>The kinds of mappers that a federation can have, with the defaults that go with its edit mode.</summary>
internal static class LdapMapperKinds
{
    public static List<JsonElement> Of(ComponentRepresentation federation)
    {
        var writes = LdapProvider.Text(federation, "editMode") == "WRITABLE";
        return [.. Providers.OfType(LdapProvider.MapperType).Select(kind => With(kind, writes))];
    }

    private static JsonElement With(JsonElement kind, bool writes)
    {
        // Certificates are read in any mode; they have no default of their own.
        var shown = JsonObject.Create(kind)!;
        if ((string?)shown["id"] == "certificate-ldap-mapper")
        {
            return kind;
        }

        foreach (var property in shown["properties"]!.AsArray().OfType<JsonObject>())
        {
            var value = (string?)property["name"] switch
            {
                "read.only" => writes ? "false" : "true",
                "write.only" => writes ? "true" : "false",
                "mode" => writes ? "LDAP_ONLY" : "READ_ONLY",
                _ => null,
            };
            if (value is not null)
            {
                property["defaultValue"] = value;
            }
        }

        using var document = JsonDocument.Parse(shown.ToJsonString());
        return document.RootElement.Clone();
    }
}
