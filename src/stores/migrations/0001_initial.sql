-- Schema 1. Times are microseconds since 1970 UTC. What is searched has a column of its own; the rest of a value is JSON in doc.

CREATE TABLE events (
  seq           INTEGER PRIMARY KEY,
  id            TEXT NOT NULL UNIQUE,
  job           TEXT NOT NULL,
  run           TEXT NOT NULL,
  job_type      TEXT NOT NULL,
  platform      TEXT NOT NULL,
  status        TEXT NOT NULL,
  error_message TEXT NOT NULL,
  happened_at   INTEGER NOT NULL,
  received_at   INTEGER NOT NULL,
  attempt       INTEGER NOT NULL,
  doc           TEXT NOT NULL          -- EventContext; empty when nothing is known
) STRICT;

-- One row a job that was heard of. The counters are kept with each event, so that no list has to count events.
CREATE TABLE jobs (
  id            TEXT PRIMARY KEY,
  platform      TEXT NOT NULL,
  last_status   TEXT,
  last_event_at INTEGER NOT NULL,
  events        INTEGER NOT NULL,
  failures      INTEGER NOT NULL,
  doc           TEXT                   -- JobSpec, redacted
) STRICT, WITHOUT ROWID;
CREATE INDEX jobs_by_last_event ON jobs (last_event_at DESC, id);

CREATE TABLE runs (
  seq               INTEGER PRIMARY KEY,
  id                TEXT NOT NULL UNIQUE,
  job               TEXT NOT NULL,
  incident          TEXT NOT NULL,
  attempt           INTEGER NOT NULL,
  started_at        INTEGER NOT NULL,
  ended_at          INTEGER,
  exit_code         INTEGER,
  signal            INTEGER,
  succeeded         INTEGER NOT NULL,
  timed_out         INTEGER NOT NULL,
  oom_killed        INTEGER,
  peak_memory_bytes INTEGER NOT NULL,
  cpu_micros        INTEGER NOT NULL,
  command_text      TEXT NOT NULL,
  error_text        TEXT NOT NULL,
  limits_text       TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_job ON runs (job, started_at, seq);

CREATE TABLE incidents (
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  job         TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  platform    TEXT NOT NULL,
  state       TEXT NOT NULL,
  closed      INTEGER NOT NULL,        -- healed or resolved
  unfinished  INTEGER NOT NULL,        -- planned or in an active state: a restart must look at it
  reason      TEXT NOT NULL,
  error_text  TEXT NOT NULL,
  opened_at   INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  occurrences INTEGER NOT NULL,
  first_event TEXT NOT NULL,
  last_event  TEXT NOT NULL,
  last_run    TEXT NOT NULL,
  plan        TEXT NOT NULL,
  owner       TEXT NOT NULL,
  fence       INTEGER NOT NULL,
  doc         TEXT NOT NULL            -- {"strategies_tried": [...]}
) STRICT;
CREATE INDEX incidents_by_time  ON incidents (opened_at, seq);
CREATE INDEX incidents_by_state ON incidents (state, opened_at, seq);
CREATE INDEX incidents_by_job   ON incidents (job, opened_at, seq);
CREATE INDEX incidents_open     ON incidents (job, fingerprint, opened_at, seq) WHERE closed = 0;
CREATE INDEX incidents_open_by_time ON incidents (opened_at, seq) WHERE closed = 0;
CREATE INDEX incidents_unfinished ON incidents (opened_at, seq) WHERE unfinished = 1;

CREATE TABLE diagnoses (
  seq      INTEGER PRIMARY KEY,
  incident TEXT NOT NULL REFERENCES incidents (id),
  made_at  INTEGER NOT NULL,
  doc      TEXT NOT NULL
) STRICT;
CREATE INDEX diagnoses_by_incident ON diagnoses (incident, seq);

CREATE TABLE decisions (
  seq        INTEGER PRIMARY KEY,
  incident   TEXT NOT NULL REFERENCES incidents (id),
  decided_at INTEGER NOT NULL,
  doc        TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_by_incident ON decisions (incident, seq);

CREATE TABLE plans (
  seq       INTEGER PRIMARY KEY,
  id        TEXT NOT NULL UNIQUE,
  incident  TEXT NOT NULL REFERENCES incidents (id),
  job       TEXT NOT NULL,
  strategy  TEXT NOT NULL,
  connector TEXT NOT NULL,
  hash      TEXT NOT NULL,
  risk      TEXT NOT NULL,
  made_at   INTEGER NOT NULL,
  begun_at  INTEGER                    -- when its first step left pending; NULL while nothing was done
) STRICT;
CREATE INDEX plans_by_incident ON plans (incident, seq);
CREATE INDEX plans_begun ON plans (job, begun_at) WHERE begun_at IS NOT NULL;

CREATE TABLE steps (
  id         TEXT PRIMARY KEY,
  plan       TEXT NOT NULL REFERENCES plans (id),
  ordinal    INTEGER NOT NULL,
  capability TEXT NOT NULL,
  state      TEXT NOT NULL,
  risk       TEXT NOT NULL,
  reversible INTEGER NOT NULL,
  text       TEXT NOT NULL,
  undo_text  TEXT NOT NULL,
  pre_image  TEXT NOT NULL,
  outcome    TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  doc        TEXT NOT NULL             -- parameters
) STRICT;
CREATE INDEX steps_by_plan ON steps (plan, ordinal);

CREATE TABLE approvals (
  seq       INTEGER PRIMARY KEY,
  incident  TEXT NOT NULL REFERENCES incidents (id),
  plan_hash TEXT NOT NULL,
  approved  INTEGER NOT NULL,
  by        TEXT NOT NULL,
  reason    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  expires   INTEGER NOT NULL
) STRICT;
CREATE INDEX approvals_by_incident ON approvals (incident, seq);

CREATE TABLE cases (
  seq         INTEGER PRIMARY KEY,
  id          TEXT NOT NULL UNIQUE,
  job         TEXT NOT NULL,
  error_type  TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  doc         TEXT NOT NULL
) STRICT;
CREATE INDEX cases_by_time ON cases (recorded_at, seq);

-- Runbooks that were added here; those of the catalogue stay in their files.
CREATE TABLE runbooks (
  id         TEXT PRIMARY KEY,
  title      TEXT NOT NULL,
  text       TEXT NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE strategy_statistics (
  strategy   TEXT NOT NULL,
  error_type TEXT NOT NULL,
  tried      INTEGER NOT NULL,
  helped     INTEGER NOT NULL,
  PRIMARY KEY (strategy, error_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE pauses (
  scope  TEXT NOT NULL,
  name   TEXT NOT NULL,
  by     TEXT NOT NULL,
  reason TEXT NOT NULL,
  since  INTEGER NOT NULL,
  PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The hash chain. The hash covers every column before it; see model/audit.h canonical_text.
CREATE TABLE audit (
  sequence            INTEGER PRIMARY KEY,
  timestamp           INTEGER NOT NULL,
  actor               TEXT NOT NULL,
  action              TEXT NOT NULL,
  job                 TEXT NOT NULL,
  incident            TEXT NOT NULL,
  step                TEXT NOT NULL,
  error_type          TEXT NOT NULL,
  strategy            TEXT NOT NULL,
  confidence          REAL,
  success             INTEGER,
  duration_micros     INTEGER,
  rag_enhanced        INTEGER NOT NULL,
  similar_cases_found INTEGER NOT NULL,
  detail              TEXT NOT NULL,
  previous_hash       TEXT NOT NULL,
  hash                TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_incident ON audit (incident, sequence) WHERE incident <> '';

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit records are append-only'); END;
