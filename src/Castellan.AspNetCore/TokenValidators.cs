using System.Collections.Frozen;

namespace Castellan.AspNetCore;

/// <summary>A scheme and what it takes.</summary>
internal sealed record NamedValidator(string Scheme, TokenValidator Validator);

/// <summary>The policies of all schemes, by name.</summary>
internal sealed class TokenValidators(IEnumerable<NamedValidator> all)
{
    private readonly FrozenDictionary<string, TokenValidator> _byScheme =
        all.DistinctBy(named => named.Scheme, StringComparer.Ordinal).ToFrozenDictionary(named => named.Scheme, named => named.Validator, StringComparer.Ordinal);

    public TokenValidator this[string scheme] => _byScheme[scheme];
}
