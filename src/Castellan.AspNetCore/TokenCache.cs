using System.Numerics;
using System.Runtime.InteropServices;

namespace Castellan.AspNetCore;

/// <summary>
/// The tokens that one policy has verified, by SHA-256 of the whole token: two tokens with equal claims are still two. Each scheme has
/// a cache of its own, so that what one policy accepted says nothing to another. A fixed number of places in sets of eight; nothing is
/// locked, nothing is swept, and a full set loses the entry that expires first.
/// </summary>
internal sealed class TokenCache
{
    private const int Ways = 8;
    private readonly Entry?[] _places;
    private readonly uint _sets;

    public TokenCache(int capacity)
    {
        _sets = capacity == 0 ? 0 : BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, (capacity + Ways - 1) / Ways));
        _places = new Entry?[_sets * Ways];
    }

    /// <summary>The entry, unless it is gone, expired, or the keys of its issuer have changed since.</summary>
    public Entry? Find(ReadOnlySpan<byte> hash, long nowMilliseconds)
    {
        if (_sets == 0)
        {
            return null;
        }

        foreach (ref var place in Set(hash))
        {
            if (Volatile.Read(ref place) is { } entry && entry.Hash.AsSpan().SequenceEqual(hash))
            {
                return nowMilliseconds < entry.ExpiresMilliseconds && entry.IsCurrent ? entry : null;
            }
        }

        return null;
    }

    public void Add(Entry entry)
    {
        if (_sets == 0)
        {
            return;
        }

        var set = Set(entry.Hash);
        ref var chosen = ref set[0];
        var earliest = long.MaxValue;
        foreach (ref var place in set)
        {
            var current = Volatile.Read(ref place);
            if (current is null || current.Hash.AsSpan().SequenceEqual(entry.Hash))
            {
                chosen = ref place;
                break;
            }

            if (current.ExpiresMilliseconds < earliest)
            {
                earliest = current.ExpiresMilliseconds;
                chosen = ref place;
            }
        }

        Volatile.Write(ref chosen, entry);
    }

    private Span<Entry?> Set(ReadOnlySpan<byte> hash) => _places.AsSpan((int)(MemoryMarshal.Read<uint>(hash) & (_sets - 1)) * Ways, Ways);

    /// <summary>A verified token.</summary>
    internal sealed class Entry(byte[] hash, AccessToken token, long expiresMilliseconds, Realm realm, int keyGeneration)
    {
        public byte[] Hash => hash;

        public AccessToken Token => token;

        public long ExpiresMilliseconds => expiresMilliseconds;

        public bool IsCurrent => realm.KeyGeneration == keyGeneration;
    }
}
