using Castellan.Core.Brokering;
using Castellan.Core.Clients;
using Castellan.Core.Login;
using Castellan.Core.Realms;

namespace Castellan.Server.Pages;

/// <summary>What every page knows beside its own data.</summary>
public sealed class Page
{
    public required Realm Realm { get; init; }

    public Client? Client { get; init; }

    public required Messages Messages { get; init; }

    public required Theme Theme { get; init; }

    /// <summary>Base of the server's addresses, without a slash at its end.</summary>
    public required string Base { get; init; }

    /// <summary>The person, once known.</summary>
    public Core.Users.User? User { get; init; }

    /// <summary>Where the page's main form posts to.</summary>
    public string Action { get; set; } = "";

    /// <summary>The page's own address, to open it again in another form.</summary>
    public string ActionLink { get; init; } = "";

    /// <summary>Query of the sign-in under way: <c>client_id=…&amp;tab_id=…&amp;client_data=…</c>; empty when there is none.</summary>
    public string TabQuery { get; init; } = "";

    /// <summary>The name that was given and not proved yet; the person may start over under another.</summary>
    public string? Attempted { get; init; }

    /// <summary>Whether the person chose among organizations and may choose again.</summary>
    public bool SwitchesOrganization { get; init; }

    /// <summary>The identity providers that the person may sign in by.</summary>
    public IReadOnlyList<IdentityProvider> Providers { get; init; } = [];

    /// <summary>What a link that goes on with the sign-in must bring along.</summary>
    public string? Code { get; init; }

    /// <summary>Whether there is another way to sign in.</summary>
    public bool AnotherWay { get; init; }

    /// <summary>The application asked for the action, so it can be called off.</summary>
    public bool AppInitiated { get; init; }

    /// <summary>Value of <c>nonce</c> for the page's scripts.</summary>
    public required string Nonce { get; init; }

    /// <summary>Where a choice of language leads: this page again. Null where there is none.</summary>
    public string? LocaleQuery { get; init; }

    /// <summary>The words of a key.</summary>
    public string Text(string key, params ReadOnlySpan<object?> arguments) => Messages[key, arguments];

    /// <summary>An address of <c>login-actions</c> with the query of this sign-in.</summary>
    public string LoginAction(string path) => $"{Base}/realms/{Uri.EscapeDataString(Realm.Name)}/login-actions/{path}?{TabQuery}";

    /// <summary>Where the button of an identity provider leads.</summary>
    public string BrokerLogin(IdentityProvider provider) =>
        $"{Base}/realms/{Uri.EscapeDataString(Realm.Name)}/broker/{Uri.EscapeDataString(provider.Alias)}/login?{TabQuery}&session_code={Code}";

    public string Resource(string file) => $"{Base}/resources/{PageAssets.Version}/login/{PageAssets.Own}/{file}";

    /// <summary>The words beside a field, when something was wrong with it.</summary>
    /// <param name="input">What the field is called in the id of the words, where that is not its own name.</param>
    public Html FieldError(LoginPage page, string field, string? input = null)
    {
        var wrong = page.Messages.Where(m => m.Field == field).ToList();
        if (wrong.Count == 0)
        {
            return default;
        }

        var html = new HtmlWriter();
        html.Add($"""<div class="field-error" id="input-error-{input ?? field}" aria-live="polite"><span class="kc-feedback-text">""");
        foreach (var (index, message) in wrong.Index())
        {
            html.Add($"{(index == 0 ? default : new Html("<br>"))}{Words(message)}");
        }

        return html.Add($"</span></div>").ToHtml();
    }

    /// <summary>Attributes of an input that something was wrong with.</summary>
    /// <param name="input">What the field is called in the id of the words, where that is not its own name.</param>
    public Html Invalid(LoginPage page, string field, string? input = null) => page.Messages.Any(m => m.Field == field)
        ? Html.Of($" aria-invalid=\"true\" aria-describedby=\"input-error-{input ?? field}\"") : Html.Of($" aria-invalid=\"false\"");

    /// <summary>The words of a key with their formatting: for the places where Keycloak's pages show a text's markup.</summary>
    public Html Rich(string key, params ReadOnlySpan<object?> arguments) => Messages.Rich(key, arguments);

    /// <summary>A message, formatted as its text is. What is filled in is text.</summary>
    public Html Words(LoginMessage message) => Messages.Rich(message.Key, [.. (message.Arguments ?? []).Select(Filled)]);

    private object? Filled(object? argument) => argument switch
    {
        LoginMessage inner => Messages[inner.Key, [.. (inner.Arguments ?? []).Select(Filled)]],
        string text when text.StartsWith("${", StringComparison.Ordinal) => Messages[text],
        _ => argument,
    };
}
