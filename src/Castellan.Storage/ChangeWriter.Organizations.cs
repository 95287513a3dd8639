using Castellan.Core.Organizations;
using Castellan.Core.Realms;
using Castellan.Core.Representations;

namespace Castellan.Storage;

/// <summary>Changes to organizations, who belongs to them, and their groups.</summary>
internal sealed partial class ChangeWriter
{
    private void Write(OrganizationChange change)
    {
        switch (change)
        {
            case PutOrganization c: Put(c.Organization); break;
            case DeleteOrganization c: RemoveOrganization(c.Id); break;
            case PutOrganizationMember c:
                Add(
                    $"""
                    INSERT INTO organization_member (organization_id, user_id, managed)
                    SELECT o.id, u.id, {c.Managed} FROM organization o JOIN users u ON u.realm_id = o.realm_id
                    WHERE o.id = {c.OrganizationId} AND u.id = {c.UserId} AND o.realm_id = {_realm}
                    ON CONFLICT (organization_id, user_id) DO UPDATE SET managed = excluded.managed
                    """);
                break;
            case DeleteOrganizationMember c:
                Add($"DELETE FROM organization_group_member WHERE user_id = {Owned(c.UserId)} AND group_id IN (SELECT id FROM organization_group WHERE organization_id = {c.OrganizationId})");
                Add($"DELETE FROM organization_member WHERE organization_id = {c.OrganizationId} AND user_id = {Owned(c.UserId)}");
                break;
            case PutOrganizationGroup c: Put(c.OrganizationId, c.Group); break;
            case DeleteOrganizationGroup c: RemoveOrganizationGroup(c.Id); break;
            case JoinOrganizationGroup c:
                Add(
                    $"""
                    INSERT INTO organization_group_member (user_id, group_id)
                    SELECT m.user_id, g.id FROM organization_group g JOIN organization_member m ON m.organization_id = g.organization_id
                    WHERE g.id = {c.GroupId} AND g.realm_id = {_realm} AND m.user_id = {c.UserId} ON CONFLICT DO NOTHING
                    """);
                break;
            case LeaveOrganizationGroup c: Add($"DELETE FROM organization_group_member WHERE user_id = {Owned(c.UserId)} AND group_id = {c.GroupId}"); break;
            case PutInvitation c: Put(c.Invitation); break;
            case DeleteInvitation c:
                Add($"DELETE FROM organization_invitation WHERE id = {c.Id} AND organization_id = {c.OrganizationId} AND realm_id = {_realm}");
                break;
            default: throw new ArgumentException($"Nobody knows how to write {change.GetType().Name}.", nameof(change));
        }
    }

    private void Put(OrganizationRepresentation organization)
    {
        AddOwn(
            "organization(id)",
            $"""
            INSERT INTO organization (id, realm_id, alias, name, document)
            VALUES ({organization.Id}, {_realm}, {organization.Alias ?? organization.Name}, {organization.Name}, {StoredJson.Write(organization, StoredJson.Organization)})
            ON CONFLICT (id) DO UPDATE SET alias = excluded.alias, name = excluded.name, document = excluded.document WHERE organization.realm_id = excluded.realm_id
            """);
        Add($"DELETE FROM organization_domain WHERE organization_id = {organization.Id}");
        foreach (var domain in (organization.Domains ?? []).Select(d => d.Name?.ToLowerInvariant()).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            // A node of an earlier version knows nothing of these rows, and leaves them behind when it deletes an organization.
            Add($"DELETE FROM organization_domain WHERE realm_id = {_realm} AND name = {domain} AND NOT EXISTS (SELECT 1 FROM organization o WHERE o.id = organization_id)");
            Add($"INSERT INTO organization_domain (realm_id, name, organization_id) VALUES ({_realm}, {domain}, {organization.Id})");
        }
    }

    private void Put(string organizationId, GroupRepresentation group)
    {
        // What lies elsewhere is not written twice.
        var document = new GroupRepresentation { Id = group.Id, Name = group.Name, Description = group.Description, ParentId = group.ParentId, Attributes = group.Attributes };
        AddOwn(
            "organization_group(id)",
            $"""
            INSERT INTO organization_group (id, organization_id, realm_id, parent_id, name, document)
            VALUES ({group.Id}, {organizationId}, {_realm}, {group.ParentId}, {group.Name}, {StoredJson.Write(document, StoredJson.Group)})
            ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name, document = excluded.document
            WHERE organization_group.realm_id = excluded.realm_id AND organization_group.organization_id = excluded.organization_id
            """);
    }

    private void Put(Invitation invitation) => AddOwn(
        "organization_invitation(id)",
        $"""
        INSERT INTO organization_invitation (id, organization_id, realm_id, email, first_name, last_name, sent, expires)
        VALUES ({invitation.Id}, {invitation.OrganizationId}, {_realm}, {invitation.Email}, {invitation.FirstName}, {invitation.LastName}, {invitation.Sent}, {invitation.Expires})
        ON CONFLICT (id) DO UPDATE SET sent = excluded.sent, expires = excluded.expires WHERE organization_invitation.realm_id = excluded.realm_id
        """);

    private void RemoveOrganization(string id)
    {
        Sql own = $"SELECT id FROM organization WHERE id = {id} AND realm_id = {_realm}";
        Sql groups = $"SELECT id FROM organization_group WHERE organization_id IN ({own})";
        Add($"DELETE FROM organization_group_member WHERE group_id IN ({groups})");
        Add($"DELETE FROM role_mapping WHERE owner_kind = {(int)RoleOwner.OrganizationGroup} AND owner_id IN ({groups})");
        Add($"DELETE FROM organization_group WHERE organization_id IN ({own})");
        Add($"DELETE FROM organization_domain WHERE organization_id IN ({own})");
        Add($"DELETE FROM organization_invitation WHERE organization_id IN ({own})");
        Add($"DELETE FROM organization_member WHERE organization_id IN ({own})");
        Add($"DELETE FROM organization WHERE id = {id} AND realm_id = {_realm}");
    }

    private void RemoveOrganizationGroup(string id)
    {
        Sql below = $"""
            WITH RECURSIVE below (id) AS (
                SELECT id FROM organization_group WHERE id = {id} AND realm_id = {_realm}
                UNION SELECT g.id FROM organization_group g JOIN below b ON g.parent_id = b.id AND g.realm_id = {_realm})
            SELECT id FROM below
            """;
        Add($"DELETE FROM organization_group_member WHERE group_id IN ({below})");
        Add($"DELETE FROM role_mapping WHERE owner_kind = {(int)RoleOwner.OrganizationGroup} AND owner_id IN ({below})");
        Add($"DELETE FROM organization_group WHERE id IN ({below})");
    }
}
