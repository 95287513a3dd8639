using Castellan.Core.Credentials;
using Castellan.Core.Credentials.WebAuthn;
using Castellan.Core.Users.LoginFailures;
using Castellan.Core.Users.Profile;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Castellan.Server.Users;

/// <summary>What users are made of: passwords, profiles, and the guard against guessing.</summary>
internal static class UserServices
{
    public static IServiceCollection AddUsers(this IServiceCollection services)
    {
        services.TryAddSingleton<HashingQueue>(_ => new HashingQueue());
        services.TryAddSingleton<Passwords>();
        services.TryAddSingleton(new PasswordBlacklists(Path.Combine("data", "password-blacklists")));
        services.TryAddSingleton<PasswordChanges>();
        services.TryAddSingleton<UserProfiles>();
        services.TryAddSingleton(s => new AttestationTrust(s.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<WebAuthnCeremonies>();
        services.TryAddSingleton<BruteForceGuard>();
        return services;
    }
}
