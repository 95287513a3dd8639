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

            Changes.Add(new PutPart(PartKind.Component, component.Id!, component.Name, component));
        }
    }

    private static void Take(List<ComponentRepresentation> into, string type, List<ComponentExportRepresentation> entries, string parentId)
    {
        foreach (var entry in entries)
        {
            var component = new ComponentRepresentation
            {
                Id = !string.IsNullOrEmpty(entry.Id) ? entry.Id : type == DefaultComponents.UserStorage ? Secret.Base64Url(16) : Ids.New(),
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
            if (provider.Alias is { } alias && !aliases.Add(alias))
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

            if (provider.FirstBrokerLoginFlowAlias is { Length: > 0 } first && FindFlow(first) is null)
            {
                Refuse(place, $"No available authentication flow with alias: {first}");
            }

            provider.InternalId = string.IsNullOrEmpty(provider.InternalId) ? Ids.New() : provider.InternalId;
            provider.Enabled ??= true;
            if (provider.Config?.Remove("hideOnLoginPage", out var hidden) is true)
            {
                // A setting of its own since 26.
                provider.HideOnLogin ??= hidden == "true";
            }

            provider.Config = Filled(provider.Config);
            provider.FirstBrokerLoginFlowAlias = provider.FirstBrokerLoginFlowAlias is { Length: > 0 } flow ? flow : null;
            provider.PostBrokerLoginFlowAlias = provider.PostBrokerLoginFlowAlias is { Length: > 0 } post ? post : null;
            (provider.UpdateProfileFirstLogin, provider.UpdateProfileFirstLoginMode) = (null, null);
            IdentityProviderTypes.Complete(provider);
            provider.Types = [.. IdentityProviderTypes.Of(provider.ProviderId)];
            Changes.Add(new PutPart(PartKind.IdentityProvider, provider.InternalId, provider.Alias, provider));
        }

        foreach (var mapper in file.IdentityProviderMappers ?? [])
        {
            mapper.Id = string.IsNullOrEmpty(mapper.Id) ? Ids.New() : mapper.Id;
            mapper.Config = mapper.Config?.Where(c => c.Value is not null).ToDictionary(c => c.Key, c => c.Value) ?? [];
            Changes.Add(new PutPart(PartKind.IdentityProviderMapper, mapper.Id, null, mapper));
        }
    }
}
