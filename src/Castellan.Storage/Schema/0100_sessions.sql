-- Sign-ins of people, and the part that each client has in them. An offline session has the id of the session that it came from.
CREATE TABLE user_session (
    id {text} NOT NULL,
    offline BIGINT NOT NULL,
    realm_id {text} NOT NULL,
    user_id {text} NOT NULL,
    login_username {text},
    ip_address {text},
    remember_me BIGINT NOT NULL,
    started BIGINT NOT NULL,
    last_access BIGINT NOT NULL,
    broker_session_id {text},
    broker_user_id {text},
    notes {text},
    PRIMARY KEY (id, offline)
) {clustered};
CREATE INDEX user_session_user ON user_session (realm_id, user_id, offline);
-- Not by last access: what each refresh changes is better in no index. A session that began before another's last access may be as old as that.
CREATE INDEX user_session_started ON user_session (realm_id, offline, started);

CREATE TABLE client_session (
    session_id {text} NOT NULL,
    offline BIGINT NOT NULL,
    client_id {text} NOT NULL,
    realm_id {text} NOT NULL,
    started BIGINT NOT NULL,
    last_access BIGINT NOT NULL,
    notes {text},
    PRIMARY KEY (session_id, offline, client_id),
    FOREIGN KEY (session_id, offline) REFERENCES user_session (id, offline) ON DELETE CASCADE
) {clustered};
CREATE INDEX client_session_client ON client_session (realm_id, client_id, offline);

-- Chains of refresh tokens under rotation: which token was used last, how often, and which came of it.
CREATE TABLE refresh_chain (
    session_id {text} NOT NULL,
    offline BIGINT NOT NULL,
    client_id {text} NOT NULL,
    id {text} NOT NULL,
    token {text} NOT NULL,
    uses BIGINT NOT NULL,
    issued {text} NOT NULL,
    PRIMARY KEY (session_id, offline, client_id, id),
    FOREIGN KEY (session_id, offline, client_id) REFERENCES client_session (session_id, offline, client_id) ON DELETE CASCADE
) {clustered};
