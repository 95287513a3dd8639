-- A refresh writes its chain and nothing else: the last access of a session is the latest of its rows.
ALTER TABLE refresh_chain ADD COLUMN last_access BIGINT NOT NULL DEFAULT 0;
