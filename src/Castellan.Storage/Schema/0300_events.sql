-- What realms remember of their people and administrators, and what waits to be told to a webhook.
CREATE TABLE event (
    id {text} NOT NULL PRIMARY KEY,
    realm_id {text} NOT NULL,
    time BIGINT NOT NULL,
    type {text} NOT NULL,
    client_id {text},
    user_id {text},
    ip_address {text},
    expires BIGINT,
    doc {text} NOT NULL
);
CREATE INDEX event_realm_time ON event (realm_id, time);
CREATE INDEX event_realm_user ON event (realm_id, user_id, time);
CREATE INDEX event_expires ON event (expires) WHERE expires IS NOT NULL;

CREATE TABLE admin_event (
    id {text} NOT NULL PRIMARY KEY,
    realm_id {text} NOT NULL,
    time BIGINT NOT NULL,
    operation_type {text} NOT NULL,
    resource_type {text} NOT NULL,
    resource_path {text},
    auth_realm {text},
    auth_client {text},
    auth_user {text},
    auth_ip_address {text},
    expires BIGINT,
    doc {text} NOT NULL
);
CREATE INDEX admin_event_realm_time ON admin_event (realm_id, time);
CREATE INDEX admin_event_expires ON admin_event (expires) WHERE expires IS NOT NULL;

CREATE TABLE outbox (
    id {text} NOT NULL PRIMARY KEY,
    body {text} NOT NULL,
    created BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    due BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (due);
