namespace Castellan.Storage;

/// <summary>
/// Rows as they are in the database, for as long as nobody else can write it. What a reader found is kept only if nothing was written since it
/// began to look; a writer forgets the row after its commit and before it is answered.
/// </summary>
internal sealed class RowMemory<T>(int max) where T : class
{
    private const int Stripes = 256;

    private readonly int _maxPerStripe = Math.Max(1, max / Stripes);
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Stripe())];

    public T? Find(string key)
    {
        var stripe = Of(key);
        lock (stripe)
        {
            return stripe.Rows.GetValueOrDefault(key);
        }
    }

    /// <summary>To be taken before the database is read, and given to <see cref="Keep"/> with what was found there.</summary>
    public long Stamp(string key)
    {
        var stripe = Of(key);
        lock (stripe)
        {
            return stripe.Writes;
        }
    }

    public void Keep(string key, T row, long stamp)
    {
        var stripe = Of(key);
        lock (stripe)
        {
            if (stripe.Writes == stamp)
            {
                if (stripe.Rows.Count >= _maxPerStripe)
                {
                    stripe.Rows.Clear();
                }

                stripe.Rows[key] = row;
            }
        }
    }

    /// <summary>
    /// What the row has become by a write that was committed, if nothing else was written since the stamp was taken; otherwise nobody can say here
    /// which write was the last, and the row is forgotten.
    /// </summary>
    public void Put(string key, T row, long stamp)
    {
        var stripe = Of(key);
        lock (stripe)
        {
            var isLast = stripe.Writes++ == stamp;
            stripe.Rows.Remove(key);
            if (isLast && stripe.Rows.Count < _maxPerStripe)
            {
                stripe.Rows[key] = row;
            }
        }
    }

    /// <summary>Changes the row as a write did that was committed. For changes alone that come to the same in any order.</summary>
    public void Change(string key, Func<T, T> change)
    {
        var stripe = Of(key);
        lock (stripe)
        {
            stripe.Writes++;
            if (stripe.Rows.TryGetValue(key, out var row))
            {
                stripe.Rows[key] = change(row);
            }
        }
    }

    public void Forget(string key)
    {
        var stripe = Of(key);
        lock (stripe)
        {
            stripe.Writes++;
            stripe.Rows.Remove(key);
        }
    }

    public void Clear()
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe)
            {
                stripe.Writes++;
                stripe.Rows.Clear();
            }
        }
    }

    private Stripe Of(string key) => _stripes[(uint)string.GetHashCode(key) % Stripes];

    private sealed class Stripe
    {
        public long Writes;

        public Dictionary<string, T> Rows { get; } = new(StringComparer.Ordinal);
    }
}
