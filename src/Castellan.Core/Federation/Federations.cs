using Castellan.Core.Clients;
using Castellan.Core.Realms;
using Castellan.Core.Users;

namespace Castellan.Core.Federation;

/// <summary>Directories that people are from, laid around the stores: who looks for people, or changes them, uses what is here and need not know of them.</summary>
public sealed class Federations
{
    /// <param name="stored">The people who are kept here.</param>
    public Federations(IUserStore stored, IRealms realms, IClients clients, IDirectory directory, TimeProvider time)
    {
        Reports = new(time);
        var people = new DirectoryPeople(stored, realms, clients, directory, time, Reports);
        Stored = stored;
        Users = new FederatedUsers(stored, realms, people);
        Realms = new FederatedRealms(realms, stored, people);
        Sync = new(people, stored, time);
    }

    public IUserStore Stored { get; }

    public IUserStore Users { get; }

    public IRealms Realms { get; }

    public DirectorySync Sync { get; }

    public DirectoryReports Reports { get; }
}
