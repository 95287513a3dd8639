using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Realms.Defaults;
using Castellan.Core.Realms.Import;
using Castellan.Core.Representations;

namespace Castellan.Server.Admin.IdentityProviders;

/// <summary>What an identity provider must keep to, how it is stored, and how it is shown.</summary>
internal static class IdentityProviderEdits
{
    public static AdminAnswer? Refuse(Realm realm, IdentityProviderRepresentation given)
    {
        if (given.Alias is not null && ReservedCharacters.HasBlank(given.Alias))
        {
            return AdminAnswer.Error(400, ReservedCharacters.NoBlank);
        }

        if (given.Alias is not null && ReservedCharacters.Refuse(given.Alias) is { } reserved)
        {
            return reserved;
        }

        if (ProviderKind.Find(given.ProviderId) is not { } kind)
        {
            return AdminAnswer.Message(400, $"Invalid identity provider id [{given.ProviderId ?? "null"}]");
        }

        if (given.Alias is not { Length: > 0 })
        {
            return AdminAnswer.Message(400, "path is null");
        }

        foreach (var flow in (string?[])[given.FirstBrokerLoginFlowAlias, given.PostBrokerLoginFlowAlias])
        {
            if (!string.IsNullOrEmpty(flow) && realm.Data.Flows.All(f => f.Alias != flow))
            {
                return AdminAnswer.Message(400, $"No available authentication flow with alias: {flow}");
            }
        }

        if (ProviderUrls.Problem(realm.Settings.SslRequired, given.Config) is { } sentence)
        {
            return AdminAnswer.Message(400, sentence);
        }

        if (ProviderRules.Problem(kind.Id, given.Config ?? []) is { } rule)
        {
            return AdminAnswer.Message(400, rule);
        }

        if (kind.Id == IdentityProviderTypes.Cluster && ClusterProblem(realm, given) is { } problem)
        {
            return AdminAnswer.Message(400, problem);
        }

        return kind.Required is { } required && string.IsNullOrEmpty(given.Config?.GetValueOrDefault(required.Setting)) ? AdminAnswer.Message(400, required.Sentence) : null;
    }

    /// <summary>A cluster is found by its issuer, so each has one of its own, and that is called.</summary>
    private static string? ClusterProblem(Realm realm, IdentityProviderRepresentation given)
    {
        var issuer = given.Config?.GetValueOrDefault("issuer") is { Length: > 0 } named ? named : IdentityProviderTypes.UsualCluster;
        return ProviderUrls.Problem(realm.Settings.SslRequired, issuer, "issuer")
            ?? (realm.Data.IdentityProviders.FirstOrDefault(p => p.Alias != given.Alias && p.Config?.GetValueOrDefault("issuer") == issuer) is { } other
                ? $"Issuer URL already used for IDP '{other.Alias}'" : null);
    }

    /// <summary>The provider as it is stored: empty settings are left out, stars stand for the secret that is there.</summary>
    public static IdentityProviderRepresentation Document(IdentityProviderRepresentation given, IdentityProviderRepresentation? existing)
    {
        var stored = given.Copy(AdminJson.Default.IdentityProviderRepresentation);
        stored.Enabled ??= true;
        (stored.Types, stored.UpdateProfileFirstLoginMode) = (null, null);
        stored.Config = given.Config?.ToDictionary(s => s.Key, s => s.Value == Masks.Secret ? existing?.Config?.GetValueOrDefault(s.Key) : s.Value, StringComparer.Ordinal);
        IdentityProviderTypes.Complete(stored);
        return stored;
    }

    public static IdentityProviderRepresentation Show(IdentityProviderRepresentation provider)
    {
        var shown = Masked(provider);
        shown.Types = [.. IdentityProviderTypes.Of(provider.ProviderId)];
        shown.Config ??= [];
        return shown;
    }

    /// <summary>The provider as it is now: one of an organization that is disabled, or of a realm that has none any more, is disabled with it.</summary>
    public static async ValueTask<IdentityProviderRepresentation> ShowAsync(AdminContext context, IdentityProviderRepresentation provider, bool brief = false)
    {
        var shown = brief ? ShowBrief(provider) : Show(provider);
        if (!string.IsNullOrEmpty(provider.OrganizationId) && (context.Realm.Settings.OrganizationsEnabled != true
            || await context.Service<IOrganizationStore>().FindAsync(context.Realm.Id, provider.OrganizationId, context.Aborted) is not { Enabled: not false }))
        {
            shown.Enabled = false;
        }

        return shown;
    }

    public static IdentityProviderRepresentation ShowBrief(IdentityProviderRepresentation provider) => new()
    {
        Alias = provider.Alias, DisplayName = provider.DisplayName, InternalId = provider.InternalId, ProviderId = provider.ProviderId,
        Enabled = provider.Enabled, OrganizationId = provider.OrganizationId, Config = [],
    };

    public static IdentityProviderRepresentation Masked(IdentityProviderRepresentation provider)
    {
        var shown = provider.Copy(AdminJson.Default.IdentityProviderRepresentation);
        if (shown.Config is { } config && config.TryGetValue("clientSecret", out var secret))
        {
            config["clientSecret"] = Masks.Of(secret);
        }

        return shown;
    }
}
