using Castellan.Core.Sessions;

namespace Castellan.Storage;

/// <summary>
/// Sessions as they are in the database, for as long as nobody else can write it. What a reader found is kept only if nothing was written since it
/// began to look; a writer forgets the session after its commit and before it is answered.
/// </summary>
internal sealed class SessionMemory
{
    private const int Stripes = 64;
    private const int MaxPerStripe = 512;

    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Stripe())];

    public UserSession? Find(string id, bool offline)
    {
        var stripe = Of(id);
        lock (stripe)
        {
            return stripe.Sessions.GetValueOrDefault((id, offline));
        }
    }

    public long Stamp(string id)
    {
        var stripe = Of(id);
        lock (stripe)
        {
            return stripe.Writes;
        }
    }

    public void Keep(UserSession session, long stamp)
    {
        var stripe = Of(session.Id);
        lock (stripe)
        {
            if (stripe.Writes == stamp)
            {
                if (stripe.Sessions.Count >= MaxPerStripe)
                {
                    stripe.Sessions.Clear();
                }

                stripe.Sessions[(session.Id, session.Offline)] = session;
            }
        }
    }

    public void Forget(string id)
    {
        var stripe = Of(id);
        lock (stripe)
        {
            stripe.Writes++;
            stripe.Sessions.Remove((id, false));
            stripe.Sessions.Remove((id, true));
        }
    }

    public void Clear()
    {
        foreach (var stripe in _stripes)
        {
            lock (stripe)
            {
                stripe.Writes++;
                stripe.Sessions.Clear();
            }
        }
    }

    private Stripe Of(string id) => _stripes[(uint)string.GetHashCode(id) % Stripes];

    private sealed class Stripe
    {
        public long Writes;

        public Dictionary<(string Id, bool Offline), UserSession> Sessions { get; } = [];
    }
}
