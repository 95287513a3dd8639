using System.Reflection;
using System.Text.Json;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;
using Castellan.Core.Users;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Tests.Login;

/// <summary>A realm with a profile and a person in it, who is asked for this and that.</summary>
internal static class FormsRealm
{
    public const string Password = "Correct-horse-1";

    public static string Realm(string more = "", string user = "", int port = 1) => $$"""
        {
          "realm": "shop", "enabled": true, "registrationAllowed": true, "resetPasswordAllowed": true, "eventsEnabled": true, "smtpServer": {"host": "127.0.0.1", "port": "{{port}}", "from": "shop@example.org"},{{more}}
          "clients": [{"clientId": "web", "publicClient": true, "redirectUris": ["http://localhost:3000/callback"]}],
          "users": [{"username": "alice", "enabled": true, "email": "alice@example.org", "firstName": "A", "lastName": "A", "emailVerified": true,{{user}} "credentials": [{"type": "password", "value": "{{Password}}"}]}]
        }
        """;

    /// <summary>A profile in which names need not be given, with two attributes of the realm's own.</summary>
    public const string Profile = """
        {"attributes":[
        {"name":"username","permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"email","validations":{"email":{}},"permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"firstName","permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"lastName","permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"city","permissions":{"view":["admin","user"],"edit":["admin","user"]}},
        {"name":"staff","permissions":{"view":["admin"],"edit":["admin"]}}]MORE}
        """;

    public static string Configured(string more = "")
    {
        var config = "\"" + JsonEncodedText.Encode(Profile.Replace("MORE", more, StringComparison.Ordinal)) + "\"";
        return "\"components\": {\"org.keycloak.userprofile.UserProfileProvider\": [{\"providerId\": \"declarative-user-profile\", \"config\": {\"kc.user.profile.config\": [" + config + "]}}]},";
    }

    public static async Task<TestBrowser> SignInAsync(SignInServer server, params (string, string)[] query)
    {
        var browser = server.Browser();
        await browser.OpenAsync("shop", query);
        await browser.SubmitAsync(("username", "alice"), ("password", Password));
        return browser;
    }

    public static async Task<User> AliceAsync(SignInServer server) => (await server.Services.GetRequiredService<IUserStore>()
        .FindByUsernameAsync((await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!.Id, "alice"))!;

    public static async Task ChangeAliceAsync(SignInServer server, Action<UserRepresentation> change)
    {
        var changed = UserRepresentations.Copy((await AliceAsync(server)).Representation);
        change(changed);
        await server.Services.GetRequiredService<IRealms>().ApplyAsync(new ChangeSet((await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!.Id).Add(new PutUser(changed)));
    }

    /// <summary>Events as <c>TYPE error detail=value</c>, in the order of their words: several happen within a millisecond.</summary>
    public static async Task<List<string>> EventsAsync(SignInServer server, params string[] details)
    {
        var realm = (await server.Services.GetRequiredService<IRealms>().FindAsync("shop"))!;
        var events = await server.Services.GetRequiredService<IEventStore>().ListAsync(realm.Id, new EventQuery());
        return [.. events.Select(e => string.Join(' ', [e.Type, .. e.Error is { } error ? [error] : Array.Empty<string>(), .. details.Where(d => e.Details?.ContainsKey(d) ?? false).Select(d => $"{d}={e.Details![d]}")])).Order(StringComparer.Ordinal)];
    }

    public static string Show(User user) => $"{user.Representation.FirstName ?? "-"} {user.Representation.LastName ?? "-"} {user.Email ?? "-"} {string.Join(',', user.Representation.Attributes?.GetValueOrDefault("city") ?? ["-"])}";
}
