--! postgresql
-- The order of names without the rows: what comes before a page is passed over in the index alone. SQLite has users_scan.
CREATE INDEX users_page ON users (realm_id, username) INCLUDE (id) WHERE service_account_client IS NULL;
--! both
