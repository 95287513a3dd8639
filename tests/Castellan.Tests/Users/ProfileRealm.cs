using Castellan.Core.Representations;
using Castellan.Core.Users;
using Castellan.Core.Users.Profile;

namespace Castellan.Tests.Users;

/// <summary>A realm with a user profile of its own.</summary>
internal static class ProfileRealm
{
    public const string Members = """
        {"name":"username","validations":{"length":{"min":3,"max":255}},"permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"email","displayName":"${email}","validations":{"email":{}},"required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"firstName","required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"lastName","required":{"roles":["user"]},"permissions":{"view":["admin","user"],"edit":["admin","user"]}}
        """;

    public static async Task<PeopleRealm> OpenAsync(string attributes = "", string more = "", Action<RealmRepresentation>? settings = null)
    {
        var realm = await PeopleRealm.OpenAsync(settings);
        var separator = attributes.Length > 0 ? "," : "";
        var config = ProfileConfiguration.Parse($$"""{"attributes":[{{Members}}{{separator}}{{attributes}}],"groups":[]{{more}}}""");
        Assert.NotNull(config);
        Assert.Null(ProfileConfiguration.Problem(realm.Realm, config));
        await realm.ApplyAsync(ProfileConfiguration.Put(realm.Realm, config));
        return realm;
    }

    public static string Rule(string name, string validations, string more = "") =>
        $$"""{"name":"{{name}}","validations":{{validations}},"permissions":{"view":["admin","user"],"edit":["admin","user"]}{{more}}}""";

    public static Dictionary<string, List<string>> Values(User? user, params (string Name, string[] Values)[] given)
    {
        var values = new Dictionary<string, List<string>>
        {
            ["username"] = [user?.Username ?? "fresh"], ["email"] = [user?.Email ?? "fresh@example.org"], ["firstName"] = ["A"], ["lastName"] = ["B"],
        };
        foreach (var (name, list) in given)
        {
            values[name] = [.. list];
        }

        return values;
    }

    public static async Task<ProfileOutcome> ApplyAsync(PeopleRealm realm, ProfileContext context, User? user, params (string Name, string[] Values)[] given) =>
        await realm.Profiles.ApplyAsync(realm.Realm, new ProfileRequest(context, user, Values(user, given)));

    public static string Show(ProfileError error) => $"{error.Attribute} {error.Message} [{string.Join(",", error.Parameters.Select(p => p ?? "null"))}]";
}
