namespace Castellan.Core.Federation;

/// <summary>What came of a sync.</summary>
/// <param name="Status">The same in words.</param>
public sealed record SyncResult(int Added, int Updated, int Removed, int Failed, string Status)
{
    public static SyncResult OfPeople(int added, int updated, int failed) => new(
        added, updated, 0, failed,
        $"{added} imported users, {updated} updated users" + (failed > 0 ? $", {failed} users failed sync! See server log for more details" : ""));

    public static SyncResult OfGroups(int added, int updated, int removed) =>
        new(added, updated, removed, 0, $"{added} imported groups, {updated} updated groups, {removed} removed groups");

    public static SyncResult ToGroups(int added, int updated, int removed) =>
        new(added, updated, removed, 0, $"{added} groups imported to LDAP, {updated} groups updated to LDAP, {removed} groups removed from LDAP");

    public static SyncResult OfRoles(int added, int known) => new(added, known, 0, 0, $"{added} imported roles, {known} roles already exists in Keycloak");

    public static SyncResult ToRoles(int added, int known) => new(added, known, 0, 0, $"{added} roles imported to LDAP, {known} roles already existed in LDAP");
}
