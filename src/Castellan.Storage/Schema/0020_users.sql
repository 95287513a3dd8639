-- search holds user name, e-mail, first and last name in lower case, a line feed before, between and after them, so that each way of searching
-- for a part of one of them is a search for a part of this.
CREATE TABLE users (
--! sqlite
    num INTEGER PRIMARY KEY,
    id {text} NOT NULL UNIQUE,
--! postgresql
    id {text} PRIMARY KEY,
--! both
    realm_id {text} NOT NULL,
    username {text} NOT NULL,
    email {text},
    unique_email {text},
    first_name {text},
    last_name {text},
    enabled BIGINT NOT NULL,
    email_verified BIGINT NOT NULL,
    service_account_client {text},
    search {text} NOT NULL,
    document {text} NOT NULL,
    UNIQUE (realm_id, username),
    UNIQUE (realm_id, unique_email)
);
CREATE INDEX users_shared_email ON users (realm_id, email, username) WHERE unique_email IS NULL AND email IS NOT NULL;
CREATE INDEX users_disabled ON users (realm_id, username) WHERE enabled = 0;
CREATE INDEX users_unverified ON users (realm_id, username) WHERE email_verified = 0;
CREATE UNIQUE INDEX users_service_account ON users (service_account_client) WHERE service_account_client IS NOT NULL;

--! sqlite
-- For text that many users have: in the order of names, until the page is full, without touching the rows.
CREATE INDEX users_scan ON users (realm_id, username, enabled, email_verified, search) WHERE service_account_client IS NULL;

-- For text that few users have. Only which rows may hold three characters is kept; the rows themselves are looked at again. Not filled by a
-- trigger: the index writes down what it has gathered at each statement that a trigger hangs on, and so is filled for many users at once.
CREATE VIRTUAL TABLE user_search USING fts5(search, content='', contentless_delete=1, detail=none, tokenize='trigram case_sensitive 1');
CREATE TRIGGER user_search_deleted AFTER DELETE ON users BEGIN
    DELETE FROM user_search WHERE rowid = old.num;
END;
--! postgresql
-- pg_trgm comes with PostgreSQL and whoever owns the database may add it. Without it a search for a part reads all users of the realm.
DO $$
DECLARE
    extension_schema text;
BEGIN
    BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
    EXCEPTION WHEN OTHERS THEN
        RAISE WARNING 'pg_trgm is not available: %', SQLERRM;
    END;
    SELECT n.nspname INTO extension_schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_trgm';
    IF extension_schema IS NOT NULL THEN
        EXECUTE format('CREATE INDEX users_search ON users USING gin (search %I.gin_trgm_ops)', extension_schema);
    END IF;
END
$$;
--! both

-- How many users a realm has, service accounts apart: the sum. Each writer adds a row instead of waiting for the others at one.
CREATE TABLE user_count (
    realm_id {text} NOT NULL,
    delta BIGINT NOT NULL
);
CREATE INDEX user_count_of_realm ON user_count (realm_id);

-- Attributes by value; a value that is too long for an index is there by its hash.
CREATE TABLE user_attribute (
    user_id {text} NOT NULL,
    name {text} NOT NULL,
    value {text} NOT NULL,
    realm_id {text} NOT NULL,
    PRIMARY KEY (user_id, name, value)
) {clustered};
CREATE INDEX user_attribute_by_value ON user_attribute (realm_id, name, value, user_id);

CREATE TABLE credential (
    user_id {text} NOT NULL,
    id {text} NOT NULL,
    type {text} NOT NULL,
    label {text},
    created BIGINT,
    priority BIGINT NOT NULL,
    secret_data {text},
    credential_data {text},
    PRIMARY KEY (user_id, id)
);

-- The user's name stands here too, for the order of members. Users are put before what they own.
CREATE TABLE user_role (
    user_id {text} NOT NULL,
    role_id {text} NOT NULL,
    username {text} NOT NULL,
    PRIMARY KEY (user_id, role_id)
) {clustered};
CREATE INDEX user_role_of_role ON user_role (role_id, username);

CREATE TABLE group_member (
    user_id {text} NOT NULL,
    group_id {text} NOT NULL,
    username {text} NOT NULL,
    PRIMARY KEY (user_id, group_id)
) {clustered};
CREATE INDEX group_member_of_group ON group_member (group_id, username);

CREATE TABLE federated_identity (
    user_id {text} NOT NULL,
    identity_provider {text} NOT NULL,
    realm_id {text} NOT NULL,
    federated_user_id {text},
    federated_username {text},
    token {text},
    PRIMARY KEY (user_id, identity_provider)
) {clustered};
CREATE INDEX federated_identity_by_account ON federated_identity (realm_id, identity_provider, federated_user_id);

CREATE TABLE consent (
    user_id {text} NOT NULL,
    client_id {text} NOT NULL,
    document {text} NOT NULL,
    PRIMARY KEY (user_id, client_id)
) {clustered};
CREATE INDEX consent_of_client ON consent (client_id);

CREATE TABLE organization (
    id {text} PRIMARY KEY,
    realm_id {text} NOT NULL,
    alias {text} NOT NULL,
    name {text} NOT NULL,
    document {text} NOT NULL,
    UNIQUE (realm_id, alias),
    UNIQUE (realm_id, name)
);

CREATE TABLE organization_member (
    organization_id {text} NOT NULL,
    user_id {text} NOT NULL,
    managed BIGINT NOT NULL,
    PRIMARY KEY (organization_id, user_id)
) {clustered};
CREATE INDEX organization_member_of_user ON organization_member (user_id);
