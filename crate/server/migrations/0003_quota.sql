-- What each vault stores, and what it may still be about to store.

ALTER TABLE vault ADD COLUMN stored BIGINT NOT NULL DEFAULT 0;

-- Objects that a vault was granted to put. `settled` is 1 when the object was seen and is counted in `vault.stored`.
CREATE TABLE upload (
    vault TEXT NOT NULL REFERENCES vault (id),
    path TEXT NOT NULL,
    length BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    PRIMARY KEY (vault, path)
);

CREATE INDEX upload_expires ON upload (expires);
