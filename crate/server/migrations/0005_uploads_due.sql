-- What a grant looks at: the uploads of one vault that are settled or not, by the time they expire, with what they sum up to.

DROP INDEX upload_expires;
CREATE INDEX upload_due ON upload (vault, settled, expires, length);
