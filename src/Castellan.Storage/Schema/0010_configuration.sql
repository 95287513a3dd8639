-- Configuration. Ids are unique over all realms, as in Keycloak. What belongs to a realm names it and goes with it by ConfigurationStore,
-- not by foreign keys: each of those would cost a million users a look-up and a lock.
CREATE TABLE realm (
    id {text} PRIMARY KEY,
    name {text} NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    roles_version BIGINT NOT NULL,
    groups_version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    duplicate_emails BIGINT NOT NULL,
    document {text} NOT NULL
);
CREATE INDEX realm_changed ON realm (changed);

-- Client scopes, flows, components, …: loaded whole with their realm, in the order in which they came.
CREATE TABLE part (
    kind BIGINT NOT NULL,
    id {text} NOT NULL,
    realm_id {text} NOT NULL,
    name {text},
    position BIGINT NOT NULL,
    document {text} NOT NULL,
    PRIMARY KEY (kind, id),
    UNIQUE (realm_id, kind, name)
) {clustered};
CREATE INDEX part_of_realm ON part (realm_id, position);

CREATE TABLE client (
    id {text} PRIMARY KEY,
    realm_id {text} NOT NULL,
    client_id {text},
    search {text} NOT NULL,
    document {text} NOT NULL,
    UNIQUE (realm_id, client_id)
);

CREATE TABLE role (
    id {text} PRIMARY KEY,
    realm_id {text} NOT NULL,
    container_id {text} NOT NULL,
    name {text} NOT NULL,
    document {text} NOT NULL,
    UNIQUE (realm_id, container_id, name)
);

-- The parent of a group at the top is ''.
CREATE TABLE user_group (
    id {text} PRIMARY KEY,
    realm_id {text} NOT NULL,
    parent_id {text} NOT NULL,
    name {text} NOT NULL,
    document {text} NOT NULL,
    UNIQUE (realm_id, parent_id, name)
);

-- Roles of composites, groups, clients and client scopes. Those of users are in user_role.
CREATE TABLE role_mapping (
    owner_kind BIGINT NOT NULL,
    owner_id {text} NOT NULL,
    role_id {text} NOT NULL,
    realm_id {text} NOT NULL,
    PRIMARY KEY (owner_kind, owner_id, role_id)
) {clustered};
CREATE INDEX role_mapping_of_realm ON role_mapping (realm_id, owner_kind);
CREATE INDEX role_mapping_of_role ON role_mapping (role_id);
