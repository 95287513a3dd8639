-- Things that may be used once or counted, before everything else has its table: key, value, until when.
CREATE TABLE one_use (
    kind {text} NOT NULL,
    key {text} NOT NULL,
    value {text},
    expires BIGINT NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX one_use_expires ON one_use (expires);
