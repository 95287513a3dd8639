using Castellan.Core.Realms.Defaults;
using Castellan.Core.Representations;

namespace Castellan.Core.Realms.Import;

internal sealed partial class RealmBuilder
{
    private void BuildComponents()
    {
        var components = new List<ComponentRepresentation>();
        foreach (var (type, entries) in file.Components ?? [])
        {
            Take(components, type, entries, RealmId);
        }

        if (components.All(c => c.ProviderType != DefaultComponents.RegistrationPolicy))
        {
            components.AddRange(DefaultComponents.RegistrationPolicies(RealmId));
        }

        if (components.All(c => c.ProviderType != DefaultComponents.KeyProvider))
        {
            components.AddRange(DefaultComponents.Keys(RealmId));
        }

        foreach (var directory in components.Where(c => c.ProviderId == LdapProvider.Id && _bareDirectories.Contains(c.Id!)).ToList())
        {
            LdapProvider.Complete(directory);
            components.AddRange(LdapProvider.Mappers(directory));
        }

        MigrateComponents(components);
        foreach (var component in components)
        {
            var place = $"components.{component.ProviderType}[{component.Name}]";
            CheckLength(place + ".name", component.Name, 255);
            if (ComponentKinds.Problem(component) is { } problem)
            {
                RefuseFault(place, problem);
            }

            if (component.ProviderType == DefaultComponents.KeyProvider && tools.CompleteKeys(component, Name) is { } refusal)
            {
                Refusal ??= refusal with { Detail = place };
            }

            AddPart(PartKind.Component, component.Id!, component.Name, component, place);
        }
    }

    // It is part of the ids of its people, so it is shorter than others.
    private static string DirectoryId() => Secret.Base64Url(16);

    private static void Take(List<ComponentRepresentation> into, string type, List<ComponentExportRepresentation>? entries, string parentId)
    {
        foreach (var entry in entries ?? [])
        {
            var component = new ComponentRepresentation
            {
                Id = !string.IsNullOrEmpty(entry.Id) ? entry.Id : type == DefaultComponents.UserStorage ? DirectoryId() : Ids.New(),
                Name = entry.Name, ProviderId = entry.ProviderId, ProviderType = type,
                ParentId = parentId, SubType = entry.SubType, Config = entry.Config ?? [],
            };
            into.Add(component);
            foreach (var (below, parts) in entry.SubComponents ?? [])
            {
                Take(into, below, parts, component.Id);
            }
        }
    }

    private void BuildIdentityProviders()
    {
        var aliases = new HashSet<string>(StringComparer.Ordinal);
        foreach (var provider in file.IdentityProviders ?? [])
        {
            var place = $"identityProviders[{provider.Alias}]";
            if (provider.Alias is { } name && !aliases.Add(name))
            {
                RefuseDuplicate(place);
            }

            if (!IdentityProviderTypes.All.Contains(provider.ProviderId))
            {
                RefuseFault(place + ".providerId", $"Invalid identity provider id [{provider.ProviderId}]");
            }

            if (ProviderUrls.Problem(file.SslRequired?.ToLowerInvariant(), provider.Config) is { } url)
            {
                RefuseFault(place + ".config", url);
            }

            provider.FirstBrokerLoginFlowAlias = Given(provider.FirstBrokerLoginFlowAlias) ?? (IsOlderThan(1, 7) ? DefaultFlows.FirstBrokerLogin : null);
            provider.PostBrokerLoginFlowAlias = Given(provider.PostBrokerLoginFlowAlias);
            foreach (var alias in ((string?[])[provider.FirstBrokerLoginFlowAlias, provider.PostBrokerLoginFlowAlias]).OfType<string>().Where(a => FindFlow(a) is null))
            {
                Refuse(place, $"No available authentication flow with alias: {alias}");
            }

            provider.InternalId = string.IsNullOrEmpty(provider.InternalId) ? Ids.New() : provider.InternalId;
            provider.Enabled ??= true;
            (provider.UpdateProfileFirstLogin, provider.UpdateProfileFirstLoginMode) = (null, null);
            IdentityProviderTypes.Complete(provider);
            provider.Types = [.. IdentityProviderTypes.Of(provider.ProviderId)];
            AddPart(PartKind.IdentityProvider, provider.InternalId, provider.Alias, provider, place);
        }

        foreach (var mapper in file.IdentityProviderMappers ?? [])
        {
            mapper.Id = string.IsNullOrEmpty(mapper.Id) ? Ids.New() : mapper.Id;
            mapper.Config = Filled(mapper.Config);
            AddPart(PartKind.IdentityProviderMapper, mapper.Id, null, mapper, $"identityProviderMappers[{mapper.Name}]");
        }
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
