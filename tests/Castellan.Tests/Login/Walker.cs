using System.Text;
using System.Text.RegularExpressions;
using Castellan.Core.Login;

namespace Castellan.Tests.Login;

/// <summary>What a wandering browser can prove.</summary>
/// <param name="Knows">The names of those whose password it knows.</param>
/// <param name="Otp">Whether it holds the device for one-time codes.</param>
/// <param name="Accepts">Whether it ever says yes to terms or consent.</param>
/// <param name="Client">The client that asks; another one now and then for null.</param>
internal sealed record Means(string[] Knows, bool Otp = false, bool Accepts = true, string? Client = null);

/// <summary>
/// Two browsers that wander over a server at random: over links, forms and addresses seen so far, also those of the other one, with forms empty,
/// doubled, out of order, and codes of executions, tabs and sessions swapped. The same seed takes the same way.
/// </summary>
internal sealed class Walker(SignInServer server, string realm, int seed, Means means)
{
    public const string Secret = "a-secret-of-twenty-b";
    public const string Password = "Correct-horse-1";

    private readonly Random _random = new(seed);
    private readonly List<string> _actions = [];
    private readonly List<string> _links = [];

    /// <summary>The pages that were met: a walk that sees nothing shows nothing.</summary>
    public HashSet<string> Pages { get; } = [];

    public static string Now() => new OneTimeCodes(Encoding.UTF8.GetBytes(Secret), false, 6, 0, 30, "HmacSHA1").Code(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30);

    /// <param name="arrived">Gets each code that the client would get.</param>
    /// <param name="meanwhile">What an administrator does before each step.</param>
    public async Task WalkAsync(int steps, Func<string, Task> arrived, Func<Random, Task>? meanwhile = null)
    {
        using var one = server.Browser();
        using var two = server.Browser();
        for (var step = 0; step < steps; step++)
        {
            await (meanwhile?.Invoke(_random) ?? Task.CompletedTask);
            var browser = _random.Next(4) == 0 ? two : one;
            await StepAsync(browser);
            _actions.AddRange(browser.Actions.Where(a => a.StartsWith(server.Base, StringComparison.Ordinal)));
            _links.AddRange(browser.Links);
            Pages.Add(browser.PageId ?? "");
            Assert.True(browser.Status != System.Net.HttpStatusCode.InternalServerError || browser.Text.Contains("Failed to send", StringComparison.Ordinal), $"seed {seed}, step {step}: {browser.Text}");
            if (browser.Code is { } code)
            {
                await arrived(code);
            }
        }
    }

    private async Task StepAsync(TestBrowser browser)
    {
        switch (_random.Next(11))
        {
            case 0:
                await browser.OpenAsync(realm, ("client_id", means.Client ?? (_random.Next(4) == 0 ? "asks" : "web")), ("prompt", Pick(["", "", "login", "none", "consent", "create"])),
                    ("kc_action", Pick(["", "", "UPDATE_PASSWORD", "CONFIGURE_TOTP", "delete_credential:x", "delete_credential:the-device", "CONFIGURE_RECOVERY_AUTHN_CODES", "UPDATE_EMAIL"])),
                    ("acr_values", Pick(["", "", "0", "1", "gold", "silver"])), ("max_age", Pick(["", "", "0"])),
                    ("claims", Pick(["", "", """{"id_token":{"acr":{"essential":true,"value":"gold"}}}"""])));
                break;
            case 1 when _links.Count > 0:
                await browser.GetAsync(Pick(_links));
                break;
            case 2 when _actions.Count > 0:
                await browser.GetAsync(Twist(Pick(_actions)));
                break;
            case 3 when _actions.Count > 0:
                await browser.PostAsync(Twist(Pick(_actions)), Form());
                break;
            case 4:
                browser.Forget(Pick(["AUTH_SESSION_ID", "KC_RESTART", "KEYCLOAK_IDENTITY", "KC_AUTH_SESSION_HASH"]));
                break;
            case 5 when browser.Location is { } next && next.StartsWith(server.Base, StringComparison.Ordinal):
                await browser.GetAsync(next);
                break;
            case 6 when browser.Actions.Count > 0:
                // The same form twice.
                var (url, form) = (Pick(browser.Actions), Form());
                await browser.PostAsync(url, form);
                await browser.PostAsync(url, form);
                await browser.FollowAsync();
                break;
            default:
                if (browser.Actions.Count > 0)
                {
                    // Half of the time what the page asks for, as far as it is known: else no walk gets far.
                    var asked = _random.Next(2) == 0 && browser.PageId is "login" or "login-username" or "login-password" or "login-otp";
                    await browser.PostAsync(asked ? browser.Actions[0] : Pick(browser.Actions), [.. browser.Hidden(), .. asked ? Fitting() : Form()]);
                    await browser.FollowAsync();
                }

                break;
        }
    }

    private string Twist(string url) => _random.Next(8) switch
    {
        0 => url.Replace("authenticate", "required-action", StringComparison.Ordinal),
        1 => url.Replace("authenticate", "reset-credentials", StringComparison.Ordinal),
        2 => url.Replace("required-action", Pick(["authenticate", "consent"]), StringComparison.Ordinal),
        3 => Regex.Replace(url, "session_code=[^&]*&", ""),
        4 => Regex.Replace(url, "execution=[^&]*&", ""),
        5 => Swap(url, "execution"),
        6 => Swap(url, Pick(["session_code", "tab_id"])),
        _ => url,
    };

    /// <summary>A parameter of another address in this one.</summary>
    private string Swap(string url, string parameter) =>
        Regex.Match(Pick(_actions), $"{parameter}=([^&]*)") is { Success: true } other ? Regex.Replace(url, $"{parameter}=[^&]*", other.Value.Replace("$", "$$", StringComparison.Ordinal)) : url;

    private (string, string)[] Fitting() =>
        [("username", means.Knows.Length > 0 ? Pick(means.Knows) : "alice"), ("password", means.Knows.Length > 0 ? Password : "wrong"), ("otp", means.Otp ? Now() : "000000")];

    private (string, string)[] Form() => _random.Next(10) switch
    {
        0 => [],
        1 => [("username", Pick(["alice", "bob", "nobody", ""])), ("password", "wrong")],
        2 => [("otp", means.Otp ? Now() : "000000")],
        3 => [("tryAnotherWay", "on")],
        4 => [("authenticationExecution", Pick(["x", "entry-0", "second-1"]))],
        5 => [("password-new", "x"), ("password-confirm", "x"), ("totp", "123456"), ("cancel-aia", "true"), .. Accept()],
        6 => [("username", Pick(["alice", "bob"]))],
        7 => [("recoveryCodeInput", "AAAAAAAAAAAA"), ("totpSecret", Secret), ("totp", means.Otp ? Now() : "123456")],
        8 => [("cancel", "on"), .. Accept()],
        _ => means.Knows.Length > 0 ? [("username", Pick(means.Knows)), ("password", Password)] : [("username", "alice"), ("password", "")],
    };

    private (string, string)[] Accept() => means.Accepts ? [("accept", "on")] : [];

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
