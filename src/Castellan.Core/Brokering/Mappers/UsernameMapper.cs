using System.Text;
using System.Text.RegularExpressions;
using Castellan.Core.Brokering.Saml;

namespace Castellan.Core.Brokering.Mappers;

/// <summary>A user name made of what the provider says: <c>${ALIAS}.${CLAIM.preferred_username | lowercase}</c>.</summary>
/// <param name="id">The provider id.</param>
/// <param name="find">What stands for a variable that the provider says.</param>
public sealed partial class UsernameMapper(string id, Func<BrokeredIdentity, string, string?> find) : IIdentityMapper
{
    private const string Claim = "CLAIM.", Attribute = "ATTRIBUTE.", NameId = "NAMEID";

    public string Id => id;

    /// <summary>For identity providers that speak OpenID Connect.</summary>
    public static UsernameMapper OfClaims() => new("oidc-username-idp-mapper", (identity, variable) =>
        variable.StartsWith(Claim, StringComparison.Ordinal) && ClaimReader.Find(identity, variable[Claim.Length..]) is [var first, ..] ? first : null);

    /// <summary>For identity providers that speak SAML.</summary>
    public static UsernameMapper OfAssertions() => new("saml-username-idp-mapper", (identity, variable) =>
        variable == NameId ? identity.NameId
        : variable.StartsWith(Attribute, StringComparison.Ordinal) && SaidReader.Find(identity, variable[Attribute.Length..]) is [var first, ..] ? first : null);

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

    private (string Text, bool Complete) Fill(IdentityMapping mapping, string template)
    {
        var (text, at, complete) = (new StringBuilder(), 0, true);
        foreach (Match hole in Holes().Matches(template))
        {
            text.Append(template, at, hole.Index - at);
            at = hole.Index + hole.Length;
            var value = hole.Groups[1].Value switch
            {
                "ALIAS" => mapping.Provider.Alias,
                "UUID" => Ids.New(),
                // What is no variable stands for itself.
                var variable => IsSaid(variable) ? find(mapping.Identity, variable) : variable,
            };
            complete &= value is not null;
            text.Append(hole.Groups[2].Value switch
            {
                "uppercase" => value?.ToUpperInvariant(),
                "lowercase" => value?.ToLowerInvariant(),
                "localpart" => value?.LastIndexOf('@') is >= 0 and var mark ? value[..mark] : value,
                _ => value,
            });
        }

        return (text.Append(template, at, template.Length - at).ToString(), complete);
    }

    private static bool IsSaid(string variable) =>
        variable == NameId || variable.StartsWith(Claim, StringComparison.Ordinal) || variable.StartsWith(Attribute, StringComparison.Ordinal);

    // Names of attributes may have blanks in them.
    [GeneratedRegex(@"\$\{([^}]+?)(?:\s*\|\s*(\S+)\s*)?\}")]
    private static partial Regex Holes();
}
