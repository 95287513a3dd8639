using Castellan.Core.Clients;
using Castellan.Core.Groups;
using Castellan.Core.Representations;
using Castellan.Core.Roles;

namespace Castellan.Core.Realms;

/// <summary>What storage loads for one realm: its settings and every list that is small or needed at each request.</summary>
public sealed class RealmData
{
    public required long Version { get; init; }

    /// <summary>The realm's settings; lists that have a place of their own below are null in it.</summary>
    public required RealmRepresentation Settings { get; init; }

    public required RoleGraph Roles { get; init; }

    public required GroupTree Groups { get; init; }

    public required IReadOnlyList<ClientScope> Scopes { get; init; }

    public required IReadOnlyList<AuthenticationFlowRepresentation> Flows { get; init; }

    public required IReadOnlyList<AuthenticatorConfigRepresentation> AuthenticatorConfigs { get; init; }

    public required IReadOnlyList<RequiredActionProviderRepresentation> RequiredActions { get; init; }

    /// <summary>Key providers, user profile, registration policies, user federation; the parent of a top component is the realm's id.</summary>
    public required IReadOnlyList<ComponentRepresentation> Components { get; init; }

    public required IReadOnlyList<IdentityProviderRepresentation> IdentityProviders { get; init; }

    public required IReadOnlyList<IdentityProviderMapperRepresentation> IdentityProviderMappers { get; init; }
}
