-- Wrong passwords and codes, and the checks that run at this moment (places; placed is when the last of them began).
CREATE TABLE login_failure (
    realm_id {text} NOT NULL,
    user_id {text} NOT NULL,
    failures BIGINT NOT NULL,
    last_failure BIGINT NOT NULL,
    last_ip_address {text},
    not_before BIGINT NOT NULL,
    temporary_lockouts BIGINT NOT NULL,
    secondary_failures BIGINT NOT NULL,
    places BIGINT NOT NULL,
    placed BIGINT NOT NULL,
    PRIMARY KEY (realm_id, user_id)
);
