using Castellan.Core.Credentials;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    // The settings come first among the writes, though they are known last.
    private void BuildSettings()
    {
        Refusal ??= Refusals.OfSettings(file);
        var settings = file.ShallowCopy();
        settings.Id = RealmId;
        settings.DefaultRole = new() { Id = _defaultRole.Id, Name = _defaultRole.Name };
        settings.DefaultDefaultClientScopes = _defaultScopes;
        settings.DefaultOptionalClientScopes = _optionalScopes;
        RealmAttributes.Take(settings, isFile: true);
        EmailSettings.Follow(settings, settings);
        if (settings.OtpPolicyType is null)
        {
            // The policy is taken whole or not at all; its type says that there is one.
            (settings.OtpPolicyAlgorithm, settings.OtpPolicyDigits, settings.OtpPolicyInitialCounter) = (null, null, null);
            (settings.OtpPolicyLookAheadWindow, settings.OtpPolicyPeriod, settings.OtpPolicyCodeReusable) = (null, null, null);
        }

        if (settings.Attributes?.GetValueOrDefault("realmReusableOtpCode") is { } reusable)
        {
            // The attribute is where the setting is kept, and is taken after the policy.
            settings.OtpPolicyCodeReusable = reusable == "true";
        }

        MigrateSettings(settings);
        DefaultSettings.Fill(settings);
        settings.OtpSupportedApplications = DefaultSettings.OtpApplications(settings);
        RealmAttributes.Complete(settings, file);
        if (IsFirst)
        {
            settings.Attributes!.Remove("oauth2DeviceCodeLifespan");
            settings.Attributes.Remove("oauth2DevicePollingInterval");
        }

        settings.SslRequired = settings.SslRequired!.ToLowerInvariant();
        if (settings.SslRequired is not ("none" or "external" or "all"))
        {
            RefuseFault("sslRequired", $"'{file.SslRequired}' is none of none, external, all");
        }

        if (file.BruteForceStrategy is not (null or "LINEAR" or "MULTIPLE"))
        {
            Refuse("bruteForceStrategy", Refusals.Unreadable);
        }

        foreach (var type in settings.RequiredCredentials!.Where(t => t is not ("password" or "kerberos")))
        {
            RefuseFault("requiredCredentials", $"Unknown credential type {type}");
        }

        if (settings.SmtpServer is { Count: > 0 } smtp && smtp.GetValueOrDefault("from") is null)
        {
            Refusal ??= new(Refusals.NoSender, null, 400, "smtpServer.from");
        }

        if (PasswordPolicy.Problem(settings.PasswordPolicy) is { } problem)
        {
            Refuse("passwordPolicy", problem);
        }

        settings.SupportedLocales = settings.SupportedLocales is { Count: > 0 } ? settings.SupportedLocales : null;
        settings.ClearLists();
        Changes.Insert(0, new PutRealm(settings));
    }
}
