using Castellan.Core.Brokering;
using Castellan.Core.Brokering.Mappers;
using Castellan.Core.Brokering.Saml;
using Castellan.Core.Brokering.Services;
using Castellan.Core.Login;
using Castellan.Core.Outbound;
using Castellan.Core.Vaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Castellan.Server.Brokering;

/// <summary>Registers what signs people in by identity providers, the kinds of mappers among it.</summary>
internal static class BrokerServices
{
    private static readonly string[] s_withAttributes = ["facebook", "github", "google", "linkedin", "microsoft", "openshift-v4", "paypal", "stackoverflow"];

    public static IServiceCollection AddBrokering(this IServiceCollection services)
    {
        services.TryAddSingleton<IVault, NoVault>();
        services.AddSingleton<UpstreamTokens>();
        if (Features.Of(services).Has("kubernetes-service-accounts"))
        {
            services.TryAddSingleton(s => new ClusterKeys(s.GetRequiredService<IFetch>(), s.GetRequiredService<TimeProvider>()));
        }

        services.AddSingleton<UpstreamIdTokens>();
        services.AddSingleton<OpenShift>();
        services.AddSingleton<Twitter>();
        services.AddSingleton<UpstreamDoor>();
        services.AddSingleton<Upstream>();
        services.AddSingleton<BrokeredUsers>();
        services.AddSingleton<BrokeredSignIn>();
        services.AddSingleton<ProviderOrganizations>();
        services.AddSingleton<ProviderButtons>();
        services.AddSingleton<UpstreamLogoutTokens>();
        services.TryAddSingleton<UpstreamLogout>();
        services.AddSingleton<BrokerTabs>();
        services.AddSingleton<KeptTokens>();
        services.AddSingleton<StoredTokenEndpoint>();
        services.AddSingleton<BrokerLogoutEndpoints>();
        services.AddSingleton<SamlDoor>();
        services.AddSingleton<SamlAnswers>();
        services.AddSingleton<SamlProviderKeys>();
        services.AddSingleton<SamlArtifacts>();
        services.AddSingleton<UpstreamSamlLogout>();
        services.AddSingleton<UnaskedAnswers>();
        services.AddSingleton<SamlReturn>();
        services.AddSingleton<BrokerEndpoints>();
        services.AddSingleton<IdentityMappers>();
        services.AddSingleton<IIdentityMapper>(UserAttributeMapper.OfClaims());
        services.AddSingleton<IIdentityMapper, HardcodedAttributeMapper>();
        services.AddSingleton<IIdentityMapper, HardcodedSessionNoteMapper>();
        services.AddSingleton<IIdentityMapper, SessionNoteMapper>();
        services.AddSingleton<IIdentityMapper, HardcodedRoleMapper>();
        services.AddSingleton<IIdentityMapper, HardcodedGroupMapper>();
        services.AddSingleton<IIdentityMapper, ClaimRoleMapper>();
        services.AddSingleton<IIdentityMapper, AdvancedRoleMapper>();
        services.AddSingleton<IIdentityMapper>(AdvancedGroupMapper.OfClaims());
        services.AddSingleton<IIdentityMapper, ExternalRoleMapper>();
        services.AddSingleton<IIdentityMapper>(UsernameMapper.OfClaims());
        services.AddSingleton<IIdentityMapper>(UserAttributeMapper.OfAssertions());
        services.AddSingleton<IIdentityMapper>(UserAttributeMapper.OfXml());
        services.AddSingleton<IIdentityMapper, SaidRoleMapper>();
        services.AddSingleton<IIdentityMapper, AdvancedSaidRoleMapper>();
        services.AddSingleton<IIdentityMapper>(AdvancedGroupMapper.OfAssertions());
        services.AddSingleton<IIdentityMapper>(UsernameMapper.OfAssertions());
        foreach (var service in s_withAttributes)
        {
            services.AddSingleton<IIdentityMapper>(UserAttributeMapper.Of(service));
        }

        return services;
    }
}
