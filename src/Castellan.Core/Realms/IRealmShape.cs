using Castellan.Core.Representations;

namespace Castellan.Core.Realms;

/// <summary>What the operator has taken out of all realms. It stays stored, for the day on which it is wanted again.</summary>
public interface IRealmShape
{
    /// <summary>Whether anything is taken out.</summary>
    bool Hides { get; }

    /// <summary>Takes it out of settings that were read.</summary>
    void Hide(RealmRepresentation settings);

    /// <summary>Puts what is stored of it into settings that are about to be saved.</summary>
    void Keep(RealmRepresentation stored, RealmRepresentation settings);
}
