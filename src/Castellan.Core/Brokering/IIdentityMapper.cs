using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Core.Brokering;

/// <summary>A kind of mapper of identity providers: what it makes of what a provider says.</summary>
public interface IIdentityMapper
{
    /// <summary>Keycloak's provider id.</summary>
    string Id { get; }

    /// <summary>Changes what is known of the account, at each sign-in and before anybody is looked for.</summary>
    void Prepare(IdentityMapping mapping)
    {
    }

    /// <summary>Completes a person who is made now.</summary>
    void Create(IdentityMapping mapping, PersonDraft person)
    {
    }

    /// <summary>Brings a person up to date who comes again, or whose account was linked just now.</summary>
    /// <param name="mode"><see cref="SyncMode.Force"/> or <see cref="SyncMode.Legacy"/>.</param>
    void Update(IdentityMapping mapping, PersonDraft person, SyncMode mode)
    {
    }
}

/// <summary>One mapper at work: its settings, and the account that it looks at.</summary>
public sealed record IdentityMapping(Realm Realm, IdentityProvider Provider, IdentityProviderMapperRepresentation Mapper, BrokeredIdentity Identity)
{
    /// <summary>A setting, or null when absent or empty.</summary>
    public string? this[string name] => Mapper.Config?.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public bool Flag(string name) => string.Equals(this[name], "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>A mapper that says nothing is older than modes, whatever its provider says.</summary>
    public SyncMode Mode => this["syncMode"] is not { } word ? SyncMode.Legacy : SyncModes.Parse(word) is var own && own == SyncMode.Inherit ? Provider.SyncMode : own;
}

/// <summary>The mappers that there are, and their turns.</summary>
public sealed class IdentityMappers(IEnumerable<IIdentityMapper> mappers)
{
    private readonly Dictionary<string, IIdentityMapper> _mappers = mappers.ToDictionary(m => m.Id, StringComparer.Ordinal);

    /// <summary>What mappers make of the account; its name there is written in small letters, unless the provider tells those apart.</summary>
    public void Preprocess(Realm realm, IdentityProvider provider, BrokeredIdentity identity)
    {
        foreach (var (mapper, mapping) in Of(realm, provider, identity))
        {
            mapper.Prepare(mapping);
        }

        if (!provider.Flag("caseSensitiveOriginalUsername"))
        {
            identity.Username = identity.Username.ToLowerInvariant();
        }
    }

    public void Create(IdentityProvider provider, BrokeredIdentity identity, PersonDraft person)
    {
        foreach (var (mapper, mapping) in Of(person.Realm, provider, identity))
        {
            mapper.Create(mapping, person);
        }
    }

    public void Update(IdentityProvider provider, BrokeredIdentity identity, PersonDraft person)
    {
        foreach (var (mapper, mapping) in Of(person.Realm, provider, identity))
        {
            if (mapping.Mode is SyncMode.Force or SyncMode.Legacy)
            {
                mapper.Update(mapping, person, mapping.Mode);
            }
        }
    }

    /// <summary>The provider's mappers by name; kinds that this server does not know do nothing.</summary>
    private IEnumerable<(IIdentityMapper, IdentityMapping)> Of(Realm realm, IdentityProvider provider, BrokeredIdentity identity) =>
        provider.Mappers.Where(m => m.IdentityProviderMapper is not null && _mappers.ContainsKey(m.IdentityProviderMapper)).OrderBy(m => m.Name, StringComparer.Ordinal)
            .Select(m => (_mappers[m.IdentityProviderMapper!], new IdentityMapping(realm, provider, m, identity)));
}
