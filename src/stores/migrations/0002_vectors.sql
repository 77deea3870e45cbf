-- Vectors of texts, for search by meaning. They can be made again from the texts at any time; they stand here, and not in a file,
-- because a vector tells of its text.
CREATE TABLE vectors (
  key    INTEGER PRIMARY KEY,  -- names the text, not the case: equal texts share one
  model  TEXT NOT NULL,        -- vectors of different models must not be compared
  vector BLOB NOT NULL         -- bfloat16, little-endian
) STRICT;

-- The saved index over them, in parts because one value would be too large.
CREATE TABLE vector_graph (
  part  INTEGER PRIMARY KEY,
  model TEXT NOT NULL,
  bytes BLOB NOT NULL
) STRICT;
