-- Groups of organizations: apart from those of the realm, which never show them. The parent of a group at the top is the organization.
CREATE TABLE organization_group (
    id {text} PRIMARY KEY,
    organization_id {text} NOT NULL,
    realm_id {text} NOT NULL,
    parent_id {text} NOT NULL,
    name {text} NOT NULL,
    document {text} NOT NULL,
    UNIQUE (organization_id, parent_id, name)
);

CREATE TABLE organization_group_member (
    user_id {text} NOT NULL,
    group_id {text} NOT NULL,
    PRIMARY KEY (user_id, group_id)
) {clustered};
CREATE INDEX organization_group_member_of_group ON organization_group_member (group_id);

-- Who was asked to join. One address has one invitation of an organization at most. Times are in milliseconds.
CREATE TABLE organization_invitation (
    id {text} PRIMARY KEY,
    organization_id {text} NOT NULL,
    realm_id {text} NOT NULL,
    email {text} NOT NULL,
    first_name {text},
    last_name {text},
    sent BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    UNIQUE (organization_id, email)
);
