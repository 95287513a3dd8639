namespace Castellan.Core.Realms;

/// <summary>Ids of parts whose representation has none.</summary>
public static class PartIds
{
    /// <summary>A required action goes by its alias, so its id is made of the realm's and that.</summary>
    public static string RequiredAction(string realmId, string alias) => $"{realmId}/{alias}";
}
