-- Webhook endpoints, the secrets that sign for them, and the deliveries of events to each.

CREATE TABLE webhook_endpoints (
    row             INTEGER PRIMARY KEY,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    merchant        TEXT NOT NULL,
    url             TEXT NOT NULL,
    -- A JSON array of words; NULL: what is sent unasked.
    kinds           TEXT,
    created_at      INTEGER NOT NULL,
    -- From here on what changes.
    failing_since   INTEGER,
    is_prompt       INTEGER NOT NULL DEFAULT 0 CHECK (is_prompt IN (0, 1)),
    disabled_at     INTEGER,
    disabled_why    TEXT CHECK (disabled_why IN ('gone', 'failing')),
    CHECK ((disabled_at IS NULL) = (disabled_why IS NULL))
) STRICT;

CREATE UNIQUE INDEX webhook_endpoints_by_id ON webhook_endpoints (id);
CREATE INDEX webhook_endpoints_by_merchant ON webhook_endpoints (merchant);
CREATE INDEX webhook_endpoints_by_lane ON webhook_endpoints (is_prompt) WHERE disabled_at IS NULL;

CREATE TABLE webhook_secrets (
    row        INTEGER PRIMARY KEY,
    endpoint   BLOB NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    sealed     BLOB NOT NULL,
    retires_at INTEGER
) STRICT;

CREATE INDEX webhook_secrets_by_endpoint ON webhook_secrets (endpoint);

CREATE TABLE deliveries (
    row             INTEGER PRIMARY KEY,
    endpoint        BLOB NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    event           BLOB NOT NULL REFERENCES events (id),
    order_id        BLOB NOT NULL,
    seq             INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    -- From here on what changes.
    status          TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'dead')),
    tries           INTEGER NOT NULL,
    scheduled_tries INTEGER NOT NULL,
    scheduled_at    INTEGER NOT NULL,
    earliest_at     INTEGER NOT NULL,
    due_at          INTEGER,
    ended_at        INTEGER,
    tried_at        INTEGER,
    latency         INTEGER,
    http_status     INTEGER,
    failure         TEXT,
    answer          BLOB,
    -- Claims of the next try: until when it is held (0: by nobody), and how often it was claimed.
    lease_until     INTEGER NOT NULL DEFAULT 0,
    fence           INTEGER NOT NULL DEFAULT 0,
    claimable_at    INTEGER GENERATED ALWAYS AS (max(due_at, lease_until)) VIRTUAL,
    CHECK (due_at IS NULL OR status = 'pending'),
    CHECK ((ended_at IS NULL) = (status = 'pending'))
) STRICT;

CREATE UNIQUE INDEX deliveries_by_event ON deliveries (endpoint, event);
CREATE INDEX deliveries_of_event ON deliveries (event);
CREATE INDEX deliveries_in_turn ON deliveries (endpoint, order_id, seq) WHERE status = 'pending';
CREATE INDEX deliveries_claimable ON deliveries (endpoint, claimable_at) WHERE claimable_at IS NOT NULL;
CREATE INDEX deliveries_next ON deliveries (claimable_at) WHERE claimable_at IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (endpoint, lease_until) WHERE lease_until > 0;
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;
