using System.Text;
using System.Text.RegularExpressions;

namespace Castellan.Core.Brokering.Mappers;

/// <summary>A user name made of what the provider says: <c>${ALIAS}.${CLAIM.preferred_username | lowercase}</c>.</summary>
public sealed partial class UsernameMapper : IIdentityMapper
{
    public string Id => "oidc-username-idp-mapper";

    public void Prepare(IdentityMapping mapping)
    {
        if (mapping["template"] is not { } template)
        {
            return;
        }

        var (name, complete) = Fill(mapping, template);
        switch (mapping["target"])
        {
            case "BROKER_ID":
                // An id with a hole in it would be the same for everybody.
                mapping.Identity.Id = complete && name.Length > 0 ? name : mapping.Identity.Id;
                break;
            case "BROKER_USERNAME":
                mapping.Identity.Username = name;
                break;
            default:
                mapping.Identity.LocalUsername = name;
                mapping.Identity.NameIsIncomplete = !complete;
                break;
        }
    }

    public void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
        if (mode == SyncMode.Force && mapping["target"] is null or "LOCAL" && mapping.Realm.Settings.RegistrationEmailAsUsername != true
            && mapping.Identity is { LocalUsername: { Length: > 0 } name, NameIsIncomplete: false })
        {
            person.Set("username", [name]);
        }
    }

    private static (string Text, bool Complete) Fill(IdentityMapping mapping, string template)
    {
        var (text, at, complete) = (new StringBuilder(), 0, true);
        foreach (Match hole in Holes().Matches(template))
        {
            text.Append(template, at, hole.Index - at);
            at = hole.Index + hole.Length;
            var value = hole.Groups[1].Value switch
            {
                "ALIAS" => mapping.Provider.Alias,
                var variable when variable.StartsWith("CLAIM.", StringComparison.Ordinal) => ClaimReader.Find(mapping.Identity, variable["CLAIM.".Length..]) is [var first, ..] ? first : null,
                _ => null,
            };
            complete &= value is not null;
            text.Append(hole.Groups[2].Value switch
            {
                "uppercase" => value?.ToUpperInvariant(),
                "lowercase" => value?.ToLowerInvariant(),
                "localpart" => value?.Split('@')[0],
                _ => value,
            });
        }

        return (text.Append(template, at, template.Length - at).ToString(), complete);
    }

    [GeneratedRegex(@"\$\{\s*([^}|\s]+)\s*(?:\|\s*(\w+)\s*)?\}")]
    private static partial Regex Holes();
}
