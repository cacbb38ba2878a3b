-- Sign-in that resists: logins and budgets in the database, so that any number of servers count as one.

-- Sessions last a day at most: who is signed in signs in again.
DROP TABLE session;

-- `token` is the SHA-256 of what the client holds, `id` what a list of sessions calls it.
CREATE TABLE session (
    token BYTEA NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    vault TEXT NOT NULL REFERENCES vault (id),
    scope TEXT NOT NULL,
    started BIGINT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX session_expires ON session (expires);
CREATE INDEX session_vault ON session (vault);

-- A login between its two messages. `vault` is empty for a name that does not exist.
CREATE TABLE login (
    id BYTEA NOT NULL PRIMARY KEY,
    vault TEXT NOT NULL,
    kind TEXT NOT NULL,
    client BYTEA NOT NULL,
    state BYTEA NOT NULL,
    name_budget BYTEA NOT NULL,
    address_budget BYTEA NOT NULL,
    expires BIGINT NOT NULL
);

CREATE INDEX login_expires ON login (expires);

-- Browsers that an owner has signed in with, by the SHA-256 of the token that they keep.
CREATE TABLE device (
    token BYTEA NOT NULL PRIMARY KEY,
    vault TEXT NOT NULL REFERENCES vault (id),
    seen BIGINT NOT NULL
);

CREATE INDEX device_vault ON device (vault);

-- Tries that were counted against a name, a device or an address, each under a keyed hash that names none of them.
CREATE TABLE budget (
    id BYTEA NOT NULL PRIMARY KEY,
    used BIGINT NOT NULL,
    opens BIGINT NOT NULL,
    forgotten BIGINT NOT NULL
);

CREATE INDEX budget_forgotten ON budget (forgotten);
