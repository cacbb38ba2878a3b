-- What a vault's owner has marked to be erased, under the tombstone that names it. `length` is what the object was counted with, once
-- its erasure has begun.

CREATE TABLE erasure (
    vault TEXT NOT NULL REFERENCES vault (id),
    tombstone TEXT NOT NULL,
    path TEXT NOT NULL,
    due BIGINT NOT NULL,
    length BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (vault, tombstone, path)
);
