using Castellan.Core.Events;
using Castellan.Core.Login;
using Castellan.Core.Mail;
using Castellan.Core.Vaults;
using Castellan.Server.Admin.Users;
using Castellan.Server.Login;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Server.Mail;

/// <summary>Registers what sends mails, and what their links lead to.</summary>
internal static class MailServices
{
    public static IServiceCollection AddMail(this IServiceCollection services)
    {
        services.TryAddSingleton<IMailSender>(s => new SmtpSender(
            new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }),
            s.GetRequiredService<IVault>(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<SmtpSender>>()));
        services.TryAddSingleton<IVault, NoVault>();
        services.TryAddSingleton<ActionTokens>();
        services.TryAddSingleton<ResendPause>();
        services.TryAddSingleton<MailQueue>();
        services.AddSingleton<IHostedService>(s => s.GetRequiredService<MailQueue>());
        services.TryAddSingleton<LoginMail>();
        services.TryAddSingleton<ILoginMail>(s => s.GetRequiredService<LoginMail>());
        services.TryAddSingleton<IUserMailer, UserMailer>();
        services.TryAddSingleton<InvitationMail>();
        services.TryAddSingleton<ActionLinks>();
        services.AddSingleton<IEventListener, MailListener>();
        return services;
    }
}
