"""The tables of the ledger in PostgreSQL, made and brought up to date by whichever replica starts first."""

from __future__ import annotations

KNOWN = "CREATE TABLE IF NOT EXISTS ledger_schemas (digest TEXT PRIMARY KEY)"
"""Which texts of this module were carried out. None is repeated, so that a start waits for nobody."""
TABLES = """
CREATE TABLE IF NOT EXISTS tasks (
    key BIGINT PRIMARY KEY,
    origin TEXT NOT NULL,
    account TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    model TEXT NOT NULL,
    inputs TEXT NOT NULL,
    state TEXT NOT NULL,
    id TEXT NOT NULL DEFAULT '',
    attempted_at DOUBLE PRECISION NOT NULL,
    ended_at DOUBLE PRECISION,
    delivered BOOLEAN NOT NULL DEFAULT FALSE,
    owner TEXT,
    cost DOUBLE PRECISION,
    quoted BOOLEAN NOT NULL DEFAULT FALSE,
    charged DOUBLE PRECISION,
    seconds DOUBLE PRECISION
);
CREATE TABLE IF NOT EXISTS holds (
    key BIGINT PRIMARY KEY,
    origin TEXT NOT NULL,
    owner TEXT NOT NULL,
    amount DOUBLE PRECISION NOT NULL
);
CREATE TABLE IF NOT EXISTS uploads (
    account TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    url TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    uploaded_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (account, sha256)
);
CREATE TABLE IF NOT EXISTS shown (
    task BIGINT NOT NULL,
    caller TEXT NOT NULL,
    seen BOOLEAN NOT NULL,
    shown_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (task, caller)
);
CREATE TABLE IF NOT EXISTS made (
    account TEXT NOT NULL,
    mark TEXT NOT NULL,
    id TEXT NOT NULL,
    made_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (account, mark)
);
CREATE TABLE IF NOT EXISTS spent (nonce TEXT PRIMARY KEY, spent_at DOUBLE PRECISION NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION,
    revoked_at DOUBLE PRECISION,
    daily_budget DOUBLE PRECISION,
    max_price DOUBLE PRECISION,
    confirm_above DOUBLE PRECISION,
    tools TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS commits (
    owner TEXT PRIMARY KEY,
    mark TEXT NOT NULL,
    committed_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, same_as TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS costs (
    origin TEXT NOT NULL,
    account TEXT NOT NULL,
    bucket BIGINT NOT NULL,
    state TEXT NOT NULL,
    amount NUMERIC(20, 9) NOT NULL,
    PRIMARY KEY (origin, account, bucket, state)
);
"""
NEW_COLUMNS = {
    "request": "TEXT",
    "begun_at": "DOUBLE PRECISION",
    "dated": "BOOLEAN NOT NULL DEFAULT FALSE",
    "cut_at": "DOUBLE PRECISION",
    "missed_at": "DOUBLE PRECISION",
    "caller": "TEXT",
    "call": "TEXT",
    "answered": "BOOLEAN NOT NULL DEFAULT FALSE",
    "again": "BOOLEAN NOT NULL DEFAULT FALSE",
    "followers": "INTEGER NOT NULL DEFAULT 0",
    "project": "TEXT NOT NULL DEFAULT ''",
    "parents": "TEXT NOT NULL DEFAULT ''",
    "webhook": "BOOLEAN NOT NULL DEFAULT FALSE",
}
COLUMNS = "".join(
    f"ALTER TABLE tasks ADD COLUMN IF NOT EXISTS {one} {kind};\n" for one, kind in NEW_COLUMNS.items()
)
OPEN = "(state IN ('preparing', 'attempt', 'submitted', 'unknown') OR NOT delivered)"
INDEXES = f"""
CREATE INDEX IF NOT EXISTS tasks_by_fingerprint ON tasks (fingerprint) WHERE request IS NULL;
CREATE INDEX IF NOT EXISTS tasks_by_id ON tasks (id);
CREATE INDEX IF NOT EXISTS tasks_by_request ON tasks (request, account);
CREATE INDEX IF NOT EXISTS open_tasks ON tasks (account, key) WHERE {OPEN};
CREATE INDEX IF NOT EXISTS tasks_without_id ON tasks (account, model) WHERE id = '';
CREATE INDEX IF NOT EXISTS accounts_at ON tasks (origin, account);
CREATE INDEX IF NOT EXISTS tasks_of_origin ON tasks (origin, attempted_at);
CREATE INDEX IF NOT EXISTS tasks_of_account ON tasks (account, attempted_at);
CREATE INDEX IF NOT EXISTS newest_tasks ON tasks (origin, account, key) WHERE id <> '';
CREATE INDEX IF NOT EXISTS run_times ON tasks (model, key) WHERE seconds > 0;
CREATE INDEX IF NOT EXISTS uploads_by_size ON uploads (account, size_bytes);
CREATE INDEX IF NOT EXISTS costs_of_account ON costs (account, bucket);
"""
BUCKET_SECONDS = 600
_ADD = """
        INSERT INTO costs VALUES ({side}.origin, {side}.account,
            floor({side}.attempted_at / {seconds}), {side}.state, {sign}coalesce({side}.charged, {side}.cost))
        ON CONFLICT (origin, account, bucket, state) DO UPDATE SET amount = costs.amount + excluded.amount;
"""
_TAKEN = _ADD.format(side="OLD", sign="-", seconds=BUCKET_SECONDS)
_ADDED = _ADD.format(side="NEW", sign="", seconds=BUCKET_SECONDS)
COSTS = f"""
CREATE OR REPLACE FUNCTION add_costs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(OLD.charged, OLD.cost, 0) <> 0 THEN {_TAKEN} END IF;
    IF TG_OP = 'UPDATE' AND coalesce(NEW.charged, NEW.cost, 0) <> 0 THEN {_ADDED} END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION add_costs_of_many() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO costs
        SELECT origin, account, floor(attempted_at / {BUCKET_SECONDS}), state, sum(coalesce(charged, cost))
        FROM added WHERE coalesce(charged, cost, 0) <> 0 GROUP BY 1, 2, 3, 4
    ON CONFLICT (origin, account, bucket, state) DO UPDATE SET amount = costs.amount + excluded.amount;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER costs_follow
    AFTER DELETE OR UPDATE OF origin, account, attempted_at, state, charged, cost
    ON tasks FOR EACH ROW EXECUTE FUNCTION add_costs();
CREATE OR REPLACE TRIGGER costs_of_many
    AFTER INSERT ON tasks REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION add_costs_of_many();
"""
"""What each span of time cost, kept by the database itself: a sum over a day's rows takes too long."""
SCHEMA = TABLES + COLUMNS + INDEXES + COSTS
