-- Orders with everything that happened to them, kept answers, stray notices and the simulated wallets' trades.
--
-- Times are milliseconds since 1970, money is in minor units, identifiers are the 16 bytes of their UUID, sealed values are
-- nonce, ciphertext and tag. Every table has a growing integer key, so that rows are appended and children keep their order.

CREATE TABLE key_proof (
    row    INTEGER PRIMARY KEY CHECK (row = 1),
    sealed BLOB NOT NULL,
    -- Counts the proofs that the store can write.
    checks INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE orders (
    row               INTEGER PRIMARY KEY,
    id                BLOB NOT NULL CHECK (length(id) = 16),
    merchant          TEXT NOT NULL,
    merchant_order_no TEXT NOT NULL,
    sandbox           INTEGER NOT NULL CHECK (sandbox IN (0, 1)),
    amount            INTEGER NOT NULL CHECK (amount > 0),
    currency          TEXT NOT NULL,
    subject           TEXT NOT NULL,
    wallets           TEXT NOT NULL,
    expires_in        INTEGER NOT NULL,
    return_url        TEXT,
    locale            TEXT,
    metadata          TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    checkout_hash     BLOB NOT NULL CHECK (length(checkout_hash) = 32),
    checkout_sealed   BLOB NOT NULL,
    scan_hash         BLOB NOT NULL CHECK (length(scan_hash) = 32),
    scan_sealed       BLOB NOT NULL,
    -- From here on what changes.
    expires_at        INTEGER NOT NULL,
    status            TEXT NOT NULL
        CHECK (status IN ('pending', 'paid', 'expired', 'cancelled', 'partially_refunded', 'refunded')),
    cancelled_at      INTEGER,
    -- The winning payment. No foreign key: payments point here, and neither row could come first.
    winner            BLOB CHECK (length(winner) = 16),
    paid_at           INTEGER,
    paid_with         TEXT CHECK (paid_with IN ('wechat_pay', 'alipay', 'unionpay')),
    paid_by           TEXT CHECK (paid_by IN ('buyer', 'friend')),
    amount_refunded   INTEGER NOT NULL CHECK (amount_refunded >= 0),
    history_seq       INTEGER NOT NULL CHECK (history_seq >= 0),
    view_seq          INTEGER NOT NULL CHECK (view_seq >= 0),
    version           INTEGER NOT NULL CHECK (version > 0),
    due_at            INTEGER,
    -- Claims of the due work: until when it is held (0: by nobody), and how often it was claimed.
    lease_until       INTEGER NOT NULL DEFAULT 0,
    fence             INTEGER NOT NULL DEFAULT 0,
    claimable_at      INTEGER GENERATED ALWAYS AS (max(due_at, lease_until)) VIRTUAL,
    CHECK ((winner IS NULL) = (paid_at IS NULL)),
    CHECK ((winner IS NULL) = (paid_with IS NULL)),
    CHECK ((winner IS NULL) = (paid_by IS NULL))
) STRICT;

CREATE UNIQUE INDEX orders_by_id ON orders (id);
CREATE UNIQUE INDEX orders_by_merchant_order_no ON orders (merchant, merchant_order_no);
CREATE UNIQUE INDEX orders_by_checkout_hash ON orders (checkout_hash);
CREATE UNIQUE INDEX orders_by_scan_hash ON orders (scan_hash);
CREATE INDEX orders_by_age ON orders (merchant, created_at, id);
CREATE INDEX orders_by_status ON orders (merchant, status, created_at, id);
CREATE INDEX orders_claimable ON orders (claimable_at) WHERE claimable_at IS NOT NULL;

CREATE TABLE friend_links (
    row          INTEGER PRIMARY KEY,
    id           BLOB NOT NULL CHECK (length(id) = 16),
    order_id     BLOB NOT NULL REFERENCES orders (id),
    token_hash   BLOB NOT NULL CHECK (length(token_hash) = 32),
    token_sealed BLOB NOT NULL,
    requester    TEXT,
    message      TEXT,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('open', 'paid', 'declined', 'expired', 'revoked')),
    holds        TEXT NOT NULL,
    view_changes INTEGER NOT NULL CHECK (view_changes >= 0)
) STRICT;

CREATE UNIQUE INDEX friend_links_by_id ON friend_links (id);
CREATE UNIQUE INDEX friend_links_by_token_hash ON friend_links (token_hash);
CREATE INDEX friend_links_by_order ON friend_links (order_id);

CREATE TABLE attempts (
    row             INTEGER PRIMARY KEY,
    id              BLOB NOT NULL CHECK (length(id) = 16),
    order_id        BLOB NOT NULL REFERENCES orders (id),
    wallet          TEXT NOT NULL CHECK (wallet IN ('wechat_pay', 'alipay', 'unionpay')),
    product         TEXT NOT NULL CHECK (product IN ('code', 'in_app', 'browser')),
    trade_no        TEXT NOT NULL,
    browser         BLOB NOT NULL CHECK (length(browser) = 32),
    friend_link     BLOB REFERENCES friend_links (id),
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    status          TEXT NOT NULL
        CHECK (status IN ('open', 'closing', 'closed', 'succeeded', 'failed', 'expired')),
    handover_sealed BLOB,
    ended_at        INTEGER,
    next_look_at    INTEGER
) STRICT;

CREATE UNIQUE INDEX attempts_by_id ON attempts (id);
CREATE UNIQUE INDEX attempts_by_trade_no ON attempts (wallet, trade_no);
CREATE INDEX attempts_by_order ON attempts (order_id);

CREATE TABLE payments (
    row            INTEGER PRIMARY KEY,
    id             BLOB NOT NULL CHECK (length(id) = 16),
    order_id       BLOB NOT NULL REFERENCES orders (id),
    attempt        BLOB NOT NULL REFERENCES attempts (id),
    wallet         TEXT NOT NULL CHECK (wallet IN ('wechat_pay', 'alipay', 'unionpay')),
    account        TEXT NOT NULL,
    trade_no       TEXT NOT NULL,
    transaction_id TEXT NOT NULL,
    amount         INTEGER NOT NULL,
    currency       TEXT NOT NULL,
    paid_at        INTEGER NOT NULL,
    heard_at       INTEGER NOT NULL,
    verdict        TEXT NOT NULL CHECK (verdict IN ('winner', 'surplus', 'late', 'mismatch')),
    -- No foreign key: refunds point here, and neither row could come first.
    refund         BLOB CHECK (length(refund) = 16)
) STRICT;

CREATE UNIQUE INDEX payments_by_id ON payments (id);
CREATE UNIQUE INDEX payments_by_transaction ON payments (wallet, account, transaction_id);
CREATE INDEX payments_by_order ON payments (order_id);

-- An order has one winner, whatever a program believes.
CREATE UNIQUE INDEX payments_one_winner ON payments (order_id) WHERE verdict = 'winner';

CREATE TRIGGER payments_are_facts
BEFORE UPDATE OF
    id, order_id, attempt, wallet, account, trade_no, transaction_id, amount, currency, paid_at, heard_at, verdict
ON payments
BEGIN
    SELECT raise(ABORT, 'a payment is a fact: only its refund may be set');
END;

CREATE TRIGGER payments_stay
BEFORE DELETE ON payments
BEGIN
    SELECT raise(ABORT, 'a payment is a fact: it is never deleted');
END;

CREATE TABLE refunds (
    row         INTEGER PRIMARY KEY,
    id          BLOB NOT NULL CHECK (length(id) = 16),
    order_id    BLOB NOT NULL REFERENCES orders (id),
    payment     BLOB NOT NULL REFERENCES payments (id),
    wallet      TEXT NOT NULL CHECK (wallet IN ('wechat_pay', 'alipay', 'unionpay')),
    amount      INTEGER NOT NULL,
    currency    TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('merchant', 'surplus', 'late', 'mismatch')),
    reason      TEXT,
    created_at  INTEGER NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    tries       INTEGER NOT NULL CHECK (tries >= 0),
    next_try_at INTEGER
) STRICT;

CREATE UNIQUE INDEX refunds_by_id ON refunds (id);
CREATE INDEX refunds_by_order ON refunds (order_id);

CREATE TABLE events (
    -- The one order in which events are read. The single writer gives it, so no earlier one can appear later.
    position INTEGER PRIMARY KEY,
    id       BLOB NOT NULL CHECK (length(id) = 16),
    order_id BLOB NOT NULL REFERENCES orders (id),
    merchant TEXT NOT NULL,
    seq      INTEGER NOT NULL CHECK (seq > 0),
    kind     TEXT NOT NULL,
    at       INTEGER NOT NULL,
    body     BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX events_by_id ON events (id);
CREATE UNIQUE INDEX events_by_seq ON events (order_id, seq);
CREATE INDEX events_by_merchant ON events (merchant);
CREATE INDEX events_by_kind ON events (merchant, kind);

CREATE TRIGGER events_are_history
BEFORE UPDATE ON events
BEGIN
    SELECT raise(ABORT, 'an event is history: it never changes');
END;

CREATE TABLE kept_answers (
    row         INTEGER PRIMARY KEY,
    merchant    TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    status      INTEGER NOT NULL,
    body_sealed BLOB NOT NULL,
    at          INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX kept_answers_by_key ON kept_answers (merchant, key);
CREATE INDEX kept_answers_by_age ON kept_answers (at);

CREATE TABLE strays (
    row      INTEGER PRIMARY KEY,
    merchant TEXT NOT NULL,
    wallet   TEXT NOT NULL CHECK (wallet IN ('wechat_pay', 'alipay', 'unionpay')),
    at       INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    body     BLOB NOT NULL
) STRICT;

CREATE TABLE trades (
    row      INTEGER PRIMARY KEY,
    trade_no TEXT NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0),
    due_at   INTEGER,
    body     BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX trades_by_trade_no ON trades (trade_no);
CREATE INDEX trades_by_due ON trades (due_at) WHERE due_at IS NOT NULL;
