-- A hall of schema version 1, as the program that knew only that version left it.
BEGIN TRANSACTION;
CREATE TABLE hall_meta (
    "key" VARCHAR(40) NOT NULL,
    value VARCHAR(80) NOT NULL,
    PRIMARY KEY ("key")
);
INSERT INTO "hall_meta" VALUES('schema_ver','1');
CREATE TABLE number_counter (
    business_date VARCHAR(10) NOT NULL,
    queue_group VARCHAR(1) NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (business_date, queue_group)
);
INSERT INTO "number_counter" VALUES('2026-11-22','A',2);
CREATE TABLE staff (
    staff_no VARCHAR(20) NOT NULL,
    name VARCHAR(80) NOT NULL,
    person_id VARCHAR(80) NOT NULL,
    password VARCHAR(200) NOT NULL,
    roles VARCHAR(200) NOT NULL,
    active BOOLEAN NOT NULL,
    failed INTEGER NOT NULL,
    locked_until VARCHAR(32),
    lock_boot VARCHAR(40),
    lock_monotonic FLOAT,
    PRIMARY KEY (staff_no)
);
CREATE TABLE ticket (
    ticket_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    business_date VARCHAR(10) NOT NULL,
    number VARCHAR(8) NOT NULL,
    queue_group VARCHAR(1) NOT NULL,
    state VARCHAR(10) NOT NULL,
    issued_by VARCHAR(4) NOT NULL,
    priority BOOLEAN NOT NULL,
    holder_index VARCHAR(80),
    masked_name VARCHAR(80),
    window_no VARCHAR(20),
    issued_at VARCHAR(32) NOT NULL,
    called_at VARCHAR(32),
    started_at VARCHAR(32),
    done_at VARCHAR(32),
    calls INTEGER NOT NULL,
    issue_op_id VARCHAR(36) NOT NULL,
    claim_op_id VARCHAR(36),
    UNIQUE (business_date, number),
    CONSTRAINT ticket_state CHECK (state IN ('waiting','called','serving','done','no_show','cancelled')),
    UNIQUE (issue_op_id),
    UNIQUE (claim_op_id)
);
INSERT INTO "ticket" VALUES(1,'2026-11-22','A001','A','called','tap',0,NULL,NULL,'3','2026-11-22T02:43:58.000000+00:00','2026-11-22T02:43:58.000000+00:00',NULL,NULL,1,'i1','c1');
INSERT INTO "ticket" VALUES(2,'2026-11-22','A002','A','waiting','tap',0,NULL,NULL,NULL,'2026-11-22T02:43:58.000000+00:00',NULL,NULL,NULL,0,'i2',NULL);
CREATE UNIQUE INDEX ticket_in_hand ON ticket (business_date, window_no) WHERE state IN ('called', 'serving');
CREATE INDEX ticket_waiting ON ticket (business_date, state, priority, ticket_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('ticket',2);
COMMIT;
