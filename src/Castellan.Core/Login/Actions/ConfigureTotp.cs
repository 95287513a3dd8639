using System.Text;
using System.Text.Json.Nodes;
using Castellan.Core.Events;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Login.Actions;

/// <param name="Key">The secret in Base32, as apps take it.</param>
/// <param name="Uri">The same as an address for a QR code.</param>
public sealed record ConfigureTotpPage(string Secret, string Key, string Uri, bool Manual, OtpPolicy Policy, bool LabelRequired, IReadOnlyList<string> Applications) : LoginPage("login-config-totp")
{
    public string? Label { get; init; }
}

/// <summary>How a realm wants one-time codes to be.</summary>
public sealed record OtpPolicy(string Type, string Algorithm, int Digits, int Period, int Counter)
{
    public static OtpPolicy Of(Realm realm)
    {
        var settings = realm.Settings;
        return new OtpPolicy(
            settings.OtpPolicyType ?? "totp", settings.OtpPolicyAlgorithm ?? "HmacSHA1", settings.OtpPolicyDigits ?? 6, settings.OtpPolicyPeriod ?? 30, settings.OtpPolicyInitialCounter ?? 0);
    }

    /// <summary>Without <c>Hmac</c>, as people and apps know it.</summary>
    public string ShortAlgorithm => Algorithm.Replace("Hmac", "", StringComparison.Ordinal);
}

/// <summary>A device for one-time codes.</summary>
public sealed class ConfigureTotp : IRequiredAction
{
    public const string Id = "CONFIGURE_TOTP";

    private const string SecretNote = "totp-secret";

    // The ids of the devices that the new one replaces.
    private const string ReplacedNote = "totp-replaced";

    public string Alias => Id;

    /// <summary>These devices go when the new one is set up.</summary>
    public static void Replace(LoginContext context, IEnumerable<string> devices) => context.Tab.SetNote(ReplacedNote, string.Join(' ', devices) is { Length: > 0 } ids ? ids : null);

    public async ValueTask<ActionResult> BeginAsync(LoginContext context)
    {
        var page = await PageAsync(context, context.Request.Query.GetValueOrDefault("mode") == "manual", null);
        return ActionResult.Ask(RequiredActions.IsAppInitiated(context, Alias) ? page : page.With(new LoginMessage(MessageKind.Warning, "configureTotpMessage")));
    }

    public async ValueTask<ActionResult> AnswerAsync(LoginContext context, LoginForm form)
    {
        // The secret is the one that the page was made with, whatever the form says.
        if (context.Tab.Note(SecretNote) is not { } secret)
        {
            return await BeginAsync(context);
        }

        var policy = OtpPolicy.Of(context.Realm);
        var code = form["totp"] ?? "";
        var label = form["userLabel"]?.Trim();
        if (code.Length == 0)
        {
            return await RefuseAsync(context, form, LoginMessage.At("totp", "missingTotpMessage"));
        }

        var device = new OneTimeCodes(Encoding.UTF8.GetBytes(secret), policy.Type == "hotp", policy.Digits, policy.Counter, Math.Max(1, policy.Period), policy.Algorithm);
        var window = Math.Clamp(context.Realm.Settings.OtpPolicyLookAheadWindow ?? 1, 0, 100);
        var counter = device.IsCounter ? device.FindCounter(code, window) : null;
        if (code.Length > 20 || (device.IsCounter ? counter is null : device.FindStep(code, context.Now / 1000, window) is null))
        {
            return await RefuseAsync(context, form, LoginMessage.At("totp", "invalidTotpMessage"));
        }

        var devices = await DevicesAsync(context);
        if (label is not { Length: > 0 } && devices.Count > 0)
        {
            return await RefuseAsync(context, form, LoginMessage.At("userLabel", "missingTotpDeviceNameMessage"));
        }

        if (CredentialNames.IsTaken(devices, label))
        {
            return await RefuseAsync(context, form, LoginMessage.At("userLabel", CredentialNames.Taken));
        }

        if (label is { Length: > 255 })
        {
            label = label[..255];
        }

        await context.Services.AddCredentialAsync(context.Realm, context.User!, new CredentialRepresentation
        {
            Id = Ids.New(), Type = "otp", UserLabel = label, CreatedDate = context.Now,
            SecretData = new JsonObject { ["value"] = secret }.ToJsonString(),
            CredentialData = new JsonObject
            {
                ["subType"] = policy.Type, ["digits"] = policy.Digits, ["counter"] = counter + 1 ?? 0, ["period"] = policy.Type == "hotp" ? 0 : policy.Period, ["algorithm"] = policy.Algorithm,
            }.ToJsonString(),
        }, context.Ct);
        await context.Services.ApplyAsync(context.Realm, context.Ct, [.. Replaced(context).Select(id => new DeleteCredential(context.User!.Id, id))]);
        context.Tab.SetNote(SecretNote, null);
        context.Tab.SetNote(ReplacedNote, null);
        await ActionEvents.EndOtherSessionsAsync(context, form, Alias, "otp");
        await AddRecoveryCodesAsync(context);
        await ActionEvents.TellAsync(context, Alias, "otp", null, EventTypes.UpdateCredential, EventTypes.UpdateTotp);
        return ActionResult.Done;
    }

    /// <summary>Whoever has a device shall print codes for the day on which it is gone, where the realm wants that and people can sign in with them.</summary>
    private static async ValueTask AddRecoveryCodesAsync(LoginContext context)
    {
        const string codes = ConfigureRecoveryCodes.Id;
        var realm = context.Realm;
        if (realm.Data.RequiredActions.FirstOrDefault(a => a.Alias == Id)?.Config?.GetValueOrDefault("add-recovery-codes") == "true"
            && RequiredActions.IsEnabled(realm, codes) && Flows.Of(realm).Uses("auth-recovery-authn-code-form")
            && !(await context.Services.CredentialsAsync(realm, context.User!, context.Ct)).Exists(c => c.Type == RecoveryCodes.Type))
        {
            await context.RequireAsync(codes);
        }
    }

    private static async ValueTask<ActionResult> RefuseAsync(LoginContext context, LoginForm form, LoginMessage message)
    {
        return ActionResult.Ask((await PageAsync(context, form["mode"] == "manual", form["userLabel"])).With(message));
    }

    private static async ValueTask<ConfigureTotpPage> PageAsync(LoginContext context, bool manual, string? label)
    {
        var secret = context.Tab.Note(SecretNote) ?? Secret.Text(20);
        context.Tab.SetNote(SecretNote, secret);
        var policy = OtpPolicy.Of(context.Realm);
        var key = Base32.Encode(Encoding.UTF8.GetBytes(secret));
        var issuer = context.Realm.Settings.DisplayName is { Length: > 0 } name ? name : context.Realm.Name;
        var uri = $"otpauth://{policy.Type}/{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(context.User!.Username)}?secret={key}&digits={policy.Digits}"
            + $"&algorithm={policy.ShortAlgorithm}&issuer={Uri.EscapeDataString(issuer)}" + (policy.Type == "hotp" ? $"&counter={policy.Counter}" : $"&period={policy.Period}");
        return new ConfigureTotpPage(secret, key, uri, manual, policy, (await DevicesAsync(context)).Count > 0, context.Realm.Settings.OtpSupportedApplications ?? []) { Label = label };
    }

    /// <summary>The devices that the new one stands beside.</summary>
    private static async ValueTask<List<CredentialRepresentation>> DevicesAsync(LoginContext context) =>
        [.. (await context.Services.CredentialsAsync(context.Realm, context.User!, context.Ct)).Where(c => c.Type == "otp").ExceptBy(Replaced(context), c => c.Id)];

    private static string[] Replaced(LoginContext context) => context.Tab.Note(ReplacedNote)?.Split(' ') ?? [];
}
