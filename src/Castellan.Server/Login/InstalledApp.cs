using System.Text.RegularExpressions;
using Castellan.Core.Login;
using Castellan.Core.Realms;
using Castellan.Server.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Server.Login;

/// <summary>Applications without an address to come back to: their redirect URI is a name, and a page shows the code to be carried over.</summary>
internal static partial class InstalledApp
{
    /// <summary>The name that such applications register and send as their redirect URI.</summary>
    public const string Urn = "urn:ietf:wg:oauth:2.0:oob";

    /// <summary>Where the answer is shown, below the realm.</summary>
    public const string Path = "/protocol/openid-connect/oauth/oob";

    public static void MapInstalledApp(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        endpoints.MapRealmGet(Path, (http, realm) => ShowAsync(http, realm, services.GetRequiredService<LoginHttp>()));
    }

    private static Task ShowAsync(HttpContext http, Realm realm, LoginHttp login)
    {
        // Anybody can lead a person here: only what has the form of a code or of an error's name is shown, no sentence of theirs.
        var code = http.Request.Query["code"].ToString();
        var error = http.Request.Query["error"].ToString();
        LoginPage page = CodeForm().IsMatch(code) ? new CodePage(code, null)
            : ErrorForm().IsMatch(error) ? new CodePage(null, error)
            : new ErrorPage(400, "invalidRequestMessage");
        return login.PageAsync(http, realm, page);
    }

    [GeneratedRegex(@"\A[0-9a-fA-F-]{36}\.[\w-]{1,64}\.[0-9a-zA-Z-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex CodeForm();

    [GeneratedRegex(@"\A[a-z_]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorForm();
}
