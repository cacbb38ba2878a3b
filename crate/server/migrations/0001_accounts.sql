-- Plain SQL that SQLite and PostgreSQL both run. Times are milliseconds since 1970 UTC.

-- The server's own secrets, drawn once: one row.
CREATE TABLE server (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    opaque_setup BYTEA NOT NULL,
    url_key BYTEA NOT NULL
);

CREATE TABLE vault (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    made BIGINT NOT NULL
);

-- One way to sign in: the OPAQUE record, and the slot object that is handed out after it.
CREATE TABLE slot (
    vault TEXT NOT NULL REFERENCES vault (id),
    kind TEXT NOT NULL,
    record BYTEA NOT NULL,
    object BYTEA NOT NULL,
    PRIMARY KEY (vault, kind)
);

-- `token` is the SHA-256 of what the client holds.
CREATE TABLE session (
    token BYTEA NOT NULL PRIMARY KEY,
    vault TEXT NOT NULL REFERENCES vault (id),
    scope TEXT NOT NULL,
    started BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX session_expires ON session (expires);
