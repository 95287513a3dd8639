-- Sessions that came of an identity provider's are found by it when it ends its own. Few sessions have one.
CREATE INDEX user_session_broker_session ON user_session (realm_id, broker_session_id) WHERE broker_session_id IS NOT NULL;
CREATE INDEX user_session_broker_user ON user_session (realm_id, broker_user_id) WHERE broker_user_id IS NOT NULL;
