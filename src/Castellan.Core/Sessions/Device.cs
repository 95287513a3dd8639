using System.Text.RegularExpressions;

namespace Castellan.Core.Sessions;

/// <summary>What a browser says of itself, in the words in which people recognise their devices.</summary>
/// <param name="Browser">Name and version, <c>Firefox/125.0</c>.</param>
/// <param name="Name">The device: <c>iPhone</c>, or <c>Other</c>.</param>
public sealed partial record Device(string Browser, string Os, string OsVersion, string Name, bool Mobile)
{
    /// <summary>The session note in which the <c>User-Agent</c> of the sign-in is kept, cut to <see cref="MaxLength"/>.</summary>
    public const string Note = "user_agent";

    public const int MaxLength = 512;

    private const string Unknown = "Unknown";
    private const string Other = "Other";

    /// <summary>The first that matches counts: a Chrome calls itself a Safari too, and an Edge both.</summary>
    private static readonly (string Name, Regex Version)[] s_browsers =
    [
        ("Edge", Edge()), ("Opera", Opera()), ("Samsung Internet", Samsung()), ("Chrome Mobile iOS", ChromeIos()), ("Firefox iOS", FirefoxIos()),
        ("Chrome Mobile", ChromeMobile()), ("Chrome", Chrome()), ("Firefox Mobile", FirefoxMobile()), ("Firefox", Firefox()),
        ("Mobile Safari", MobileSafari()), ("Safari", Safari()), ("curl", Curl()),
    ];

    private static readonly (string Name, Regex Version)[] s_systems =
    [
        ("iOS", Ios()), ("Android", Android()), ("Windows", Windows()), ("Mac OS X", Mac()), ("Chrome OS", ChromeOs()), ("Ubuntu", Ubuntu()), ("Linux", Linux()),
    ];

    private static readonly string[] s_devices = ["iPhone", "iPad", "iPod"];

    /// <summary>Keeps what a browser says of itself among the notes of a new session.</summary>
    public static void Keep(IDictionary<string, string> notes, string? userAgent)
    {
        if (userAgent is { Length: > 0 })
        {
            notes[Note] = userAgent.Length > MaxLength ? userAgent[..MaxLength] : userAgent;
        }
    }

    /// <summary>Reads a <c>User-Agent</c>; what is not known is called <c>Other</c> and <c>Unknown</c>.</summary>
    public static Device Parse(string? userAgent)
    {
        var text = userAgent is { Length: > MaxLength } ? userAgent[..MaxLength] : userAgent ?? "";
        var (browser, browserVersion) = Find(s_browsers, text);
        var (os, osVersion) = Find(s_systems, text);
        var device = Array.Find(s_devices, d => text.Contains(d, StringComparison.Ordinal)) ?? Other;
        return new($"{browser}/{browserVersion}", os, osVersion, device, text.Contains("Mobile", StringComparison.Ordinal));
    }

    private static (string Name, string Version) Find((string Name, Regex Version)[] known, string text)
    {
        foreach (var (name, version) in known)
        {
            if (version.Match(text) is { Success: true } match)
            {
                return (name, match.Groups[1] is { Success: true, Length: > 0 } found ? found.Value.Replace('_', '.') : Unknown);
            }
        }

        return (Other, Unknown);
    }

    private const RegexOptions Options = RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\bEdg(?:e|A|iOS)?/(\d+(?:\.\d+)?)", Options)] private static partial Regex Edge();

    [GeneratedRegex(@"\bOPR/(\d+(?:\.\d+)?)", Options)] private static partial Regex Opera();

    [GeneratedRegex(@"\bSamsungBrowser/(\d+(?:\.\d+)?)", Options)] private static partial Regex Samsung();

    [GeneratedRegex(@"\bCriOS/(\d+(?:\.\d+)?)", Options)] private static partial Regex ChromeIos();

    [GeneratedRegex(@"\bFxiOS/(\d+(?:\.\d+)?)", Options)] private static partial Regex FirefoxIos();

    [GeneratedRegex(@"\bChrome/(\d+(?:\.\d+)?)\S* Mobile\b", Options)] private static partial Regex ChromeMobile();

    [GeneratedRegex(@"\b(?:Headless)?Chrome/(\d+(?:\.\d+)?)", Options)] private static partial Regex Chrome();

    [GeneratedRegex(@"Mobile;.*\bFirefox/(\d+(?:\.\d+)?)", Options)] private static partial Regex FirefoxMobile();

    [GeneratedRegex(@"\bFirefox/(\d+(?:\.\d+)?)", Options)] private static partial Regex Firefox();

    [GeneratedRegex(@"\bVersion/(\d+(?:\.\d+)?)\S* Mobile/\S+ Safari/", Options)] private static partial Regex MobileSafari();

    [GeneratedRegex(@"\bVersion/(\d+(?:\.\d+)?)\S* Safari/", Options)] private static partial Regex Safari();

    [GeneratedRegex(@"^curl/(\d+(?:\.\d+)?)", Options)] private static partial Regex Curl();

    [GeneratedRegex(@"(?:iPhone|iPad|iPod).* OS (\d+_\d+)", Options)] private static partial Regex Ios();

    [GeneratedRegex(@"\bAndroid (\d+(?:\.\d+)?)", Options)] private static partial Regex Android();

    [GeneratedRegex(@"\bWindows NT (\d+)", Options)] private static partial Regex Windows();

    [GeneratedRegex(@"\bMac OS X (\d+[_.]\d+)", Options)] private static partial Regex Mac();

    [GeneratedRegex(@"\bCrOS \S+ (\d+(?:\.\d+)?)", Options)] private static partial Regex ChromeOs();

    [GeneratedRegex(@"\bUbuntu(?:/(\d+\.\d+))?", Options)] private static partial Regex Ubuntu();

    [GeneratedRegex(@"\bLinux()", Options)] private static partial Regex Linux();
}
