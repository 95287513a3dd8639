-- Authorization services of clients: what a client protects, in rows of its own, since users may own resources and there may be many.
-- The three settings of a resource server stand in the document of its client. The owner is the client's id or a user's.
CREATE TABLE authorization_scope (
    id {text} PRIMARY KEY,
    realm_id {text} NOT NULL,
    client_id {text} NOT NULL,
    name {text} NOT NULL,
    document {text} NOT NULL,
    UNIQUE (client_id, name)
);
CREATE INDEX authorization_scope_of_realm ON authorization_scope (realm_id);

-- search holds the name in lower case, uris each address in lower case between line feeds, so that one of them can be searched for.
CREATE TABLE authorization_resource (
    id {text} PRIMARY KEY,
    realm_id {text} NOT NULL,
    client_id {text} NOT NULL,
    owner_id {text} NOT NULL,
    name {text} NOT NULL,
    search {text} NOT NULL,
    type {text},
    uris {text} NOT NULL,
    document {text} NOT NULL,
    UNIQUE (client_id, owner_id, name)
);
CREATE INDEX authorization_resource_of_realm ON authorization_resource (realm_id);
CREATE INDEX authorization_resource_by_type ON authorization_resource (client_id, type);
CREATE INDEX authorization_resource_of_owner ON authorization_resource (owner_id);

CREATE TABLE authorization_policy (
    id {text} PRIMARY KEY,
    realm_id {text} NOT NULL,
    client_id {text} NOT NULL,
    name {text} NOT NULL,
    type {text} NOT NULL,
    document {text} NOT NULL,
    UNIQUE (client_id, name)
);
CREATE INDEX authorization_policy_of_realm ON authorization_policy (realm_id);

-- Scopes of resources; resources, scopes and policies of policies.
CREATE TABLE authorization_link (
    kind BIGINT NOT NULL,
    source_id {text} NOT NULL,
    target_id {text} NOT NULL,
    realm_id {text} NOT NULL,
    PRIMARY KEY (kind, source_id, target_id)
) {clustered};
CREATE INDEX authorization_link_to ON authorization_link (target_id);
CREATE INDEX authorization_link_of_realm ON authorization_link (realm_id);
