using System.Text.RegularExpressions;

namespace Castellan.Core.Login.Conditions;

/// <summary>The person has an attribute with a value.</summary>
public sealed class AttributeCondition : ILoginCondition
{
    public string Id => "conditional-user-attribute";

    public ValueTask<bool> HoldsAsync(LoginContext context)
    {
        if (context.User is not { } user || context.Execution!.Setting("attribute_name") is not { } name)
        {
            return new(false);
        }

        var settings = context.Execution;
        IEnumerable<string> values = Own(user, name);
        if (settings.Flag("include_group_attributes"))
        {
            values = values.Concat(user.GroupIds.Select(context.Realm.Groups.Find).OfType<Groups.Group>().SelectMany(context.Realm.Groups.Lineage)
                .SelectMany(g => g.Representation.Attributes?.GetValueOrDefault(name) ?? []));
        }

        var expected = settings.Setting("attribute_expected_value") ?? "";
        return new(values.Any(v => Matches(v, expected, settings.Flag("regex"))) != settings.Flag("not"));
    }

    private static IEnumerable<string> Own(Users.User user, string name) => name switch
    {
        "username" => [user.Username],
        "email" => user.Email is { } email ? [email] : [],
        "firstName" => user.Representation.FirstName is { } first ? [first] : [],
        "lastName" => user.Representation.LastName is { } last ? [last] : [],
        _ => user.Representation.Attributes?.GetValueOrDefault(name) ?? [],
    };

    private static bool Matches(string value, string expected, bool pattern)
    {
        if (!pattern)
        {
            return value == expected;
        }

        try
        {
            return Regex.IsMatch(value, $@"\A(?:{expected})\z", RegexOptions.None, TimeSpan.FromMilliseconds(50));
        }
        catch (Exception failed) when (failed is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
