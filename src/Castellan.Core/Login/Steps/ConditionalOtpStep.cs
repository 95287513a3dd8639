using System.Text.RegularExpressions;
using Castellan.Core.Users;

namespace Castellan.Core.Login.Steps;

/// <summary>A one-time code for those whom an attribute, a role or a header names; everybody else passes, or everybody else is asked.</summary>
public sealed class ConditionalOtpStep : OtpStep
{
    public override string Id => "auth-conditional-otp-form";

    /// <summary>Whoever is not asked needs no device.</summary>
    public override async ValueTask<bool> IsConfiguredAsync(LoginContext context, User user) =>
        !IsAsked(context, user) || await base.IsConfiguredAsync(context, user);

    public override async ValueTask<StepResult> BeginAsync(LoginContext context) =>
        IsAsked(context, context.User!) ? await base.BeginAsync(context) : StepResult.Passed;

    private static bool IsAsked(LoginContext context, User user)
    {
        var settings = context.Execution!;
        if (settings.Setting("otpControlAttribute") is { } attribute && user.Attribute(attribute) is { } word)
        {
            switch (word.Trim())
            {
                case "skip":
                    return false;
                case "force":
                    return true;
            }
        }

        if (HasRole(context, user, settings.Setting("skipOtpRole")))
        {
            return false;
        }

        if (HasRole(context, user, settings.Setting("forceOtpRole")))
        {
            return true;
        }

        if (MatchesHeader(context, settings.Setting("noOtpRequiredForHeaderPattern")))
        {
            return false;
        }

        return MatchesHeader(context, settings.Setting("forceOtpForHeaderPattern")) || settings.Setting("defaultOtpOutcome") != "skip";
    }

    private static bool HasRole(LoginContext context, User user, string? role) => role is not null && Conditions.RoleCondition.Has(context.Realm, user, role);

    private static bool MatchesHeader(LoginContext context, string? pattern)
    {
        if (pattern is null)
        {
            return false;
        }

        try
        {
            var regex = new Regex($"^(?:{pattern})$", RegexOptions.IgnoreCase | RegexOptions.Singleline, TimeSpan.FromMilliseconds(50));
            return context.Request.Headers.Any(h => regex.IsMatch($"{h.Key}: {h.Value}"));
        }
        catch (Exception failed) when (failed is ArgumentException or RegexMatchTimeoutException)
        {
            // A pattern that cannot be judged lets nobody past.
            return false;
        }
    }
}
