// The layout of a PostgreSQL journal: its tables, what the database itself refuses, and the steps from one layout to the next.
import { createHash } from 'node:crypto'
import type { Client } from 'pg'
import { chainStart, type Identity } from './chain.ts'
import { FENCED } from './postgres-errors.ts'

/** Step n brings layout n to layout n + 1; `S` stands for the schema. Released steps never change. */
const LAYOUTS = [
  `
  CREATE TABLE S.meta (key text PRIMARY KEY, value jsonb NOT NULL);
  CREATE TABLE S.layouts (layout integer PRIMARY KEY, at bigint NOT NULL, tool text NOT NULL);
  CREATE TABLE S.head (
    one integer PRIMARY KEY CHECK (one = 1), seq bigint NOT NULL, chain bytea NOT NULL,
    epoch bigint NOT NULL, holder jsonb, since bigint
  );
  CREATE TABLE S.doors (one integer PRIMARY KEY CHECK (one = 1), epoch bigint NOT NULL, url text NOT NULL, key text NOT NULL);
  CREATE TABLE S.batches (
    first_seq bigint PRIMARY KEY, last_seq bigint NOT NULL, format integer NOT NULL, packing smallint NOT NULL,
    bytes bytea NOT NULL, chain bytea NOT NULL
  );
  CREATE TABLE S.kinds (kind text PRIMARY KEY, seq bigint NOT NULL, tool text NOT NULL);
  CREATE TABLE S.blobs (digest text PRIMARY KEY, packing smallint NOT NULL, bytes bytea NOT NULL, sum bytea NOT NULL);
  CREATE TABLE S.value_keys (id text PRIMARY KEY, under text NOT NULL, wrapped bytea NOT NULL);
  CREATE TABLE S.snapshots (
    seq bigint PRIMARY KEY, version integer NOT NULL, id text NOT NULL, parts integer NOT NULL, sum bytea NOT NULL
  );
  CREATE TABLE S.snapshot_parts (
    id text NOT NULL, part integer NOT NULL, packing smallint NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (id, part)
  );
  ALTER TABLE S.batches ALTER COLUMN bytes SET STORAGE EXTERNAL;
  ALTER TABLE S.blobs ALTER COLUMN bytes SET STORAGE EXTERNAL;
  ALTER TABLE S.snapshot_parts ALTER COLUMN bytes SET STORAGE EXTERNAL;
  CREATE FUNCTION S.only_the_holder() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF current_setting('anneal.epoch', true) IS DISTINCT FROM (SELECT epoch::text FROM S.head) THEN
      RAISE EXCEPTION 'another process has taken the journal over' USING ERRCODE = '${FENCED}';
    END IF;
    RETURN NULL;
  END $$;
  CREATE FUNCTION S.history_stays() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'history is never rewritten' USING ERRCODE = '${FENCED}';
  END $$;
  CREATE TRIGGER fenced BEFORE INSERT ON S.batches FOR EACH STATEMENT EXECUTE FUNCTION S.only_the_holder();
  CREATE TRIGGER fenced BEFORE INSERT OR UPDATE OR DELETE ON S.value_keys
    FOR EACH STATEMENT EXECUTE FUNCTION S.only_the_holder();
  CREATE TRIGGER fenced BEFORE INSERT OR UPDATE OR DELETE ON S.snapshots
    FOR EACH STATEMENT EXECUTE FUNCTION S.only_the_holder();
  CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON S.batches
    FOR EACH STATEMENT EXECUTE FUNCTION S.history_stays();
  `,
]

/** The layout that this version writes; a database with a higher one was written by a newer version. */
export const LAYOUT = LAYOUTS.length

/** Every table with its columns, as a sound journal has them; others may stand beside them. */
const COLUMNS: Readonly<Record<string, string>> = {
  meta: 'key value',
  layouts: 'layout at tool',
  head: 'one seq chain epoch holder since',
  doors: 'one epoch url key',
  batches: 'first_seq last_seq format packing bytes chain',
  kinds: 'kind seq tool',
  blobs: 'digest packing bytes sum',
  value_keys: 'id under wrapped',
  snapshots: 'seq version id parts sum',
  snapshot_parts: 'id part packing bytes',
}

/** The number of the advisory lock that elects who writes: one for each schema of a database. */
export function lockOf(schema: string): string {
  return createHash('sha256').update(`anneal journal ${schema}`).digest().readBigInt64BE(0).toString()
}

/** 0 where there is no journal. */
export async function layoutAt(client: Client, schema: string): Promise<number> {
  const { rows } = await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [`"${schema}".layouts`])
  if (rows[0].there !== true) return 0
  const found = await client.query(`SELECT coalesce(max(layout), 0) AS layout FROM "${schema}".layouts`)
  return Number(found.rows[0].layout)
}

/** The version of the tool that last changed the layout. */
export async function lastTool(client: Client, schema: string): Promise<string> {
  const { rows } = await client.query(`SELECT tool FROM "${schema}".layouts ORDER BY layout DESC LIMIT 1`)
  return String(rows[0]?.tool)
}

/** What is not as it should be, or undefined. */
export async function wrongTables(client: Client, schema: string): Promise<string | undefined> {
  const { rows } = await client.query(
    `SELECT c.relname AS name, string_agg(a.attname, ' ' ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE n.nspname = $1 AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped GROUP BY c.relname`,
    [schema],
  )
  const found = new Map(rows.map((row) => [row.name, row.columns]))
  const wrong = Object.keys(COLUMNS).filter((name) => found.get(name) !== COLUMNS[name])
  return wrong.length === 0 ? undefined : wrong.join(', ')
}

/** In one step; the caller holds the lock. A schema that somebody made for us is taken as it is. */
export async function createJournal(
  client: Client,
  schema: string,
  identity: Identity,
  tool: string,
): Promise<void> {
  await inTransaction(client, () => fillJournal(client, schema, identity, tool))
}

/** The same in a transaction of the caller's. */
export async function fillJournal(
  client: Client,
  schema: string,
  identity: Identity,
  tool: string,
): Promise<void> {
  const { rows } = await client.query('SELECT to_regnamespace($1) IS NULL AS missing', [`"${schema}"`])
  if (rows[0].missing === true) await client.query(`CREATE SCHEMA "${schema}"`)
  await bringUp(client, schema, 0, tool)
  for (const [key, value] of Object.entries(identity)) {
    await client.query(`INSERT INTO "${schema}".meta (key, value) VALUES ($1, $2)`, [
      key,
      JSON.stringify(value),
    ])
  }
  await client.query(`INSERT INTO "${schema}".head (one, seq, chain, epoch) VALUES (1, 0, $1, 0)`, [
    chainStart(identity),
  ])
}

/** Of a journal that is sound and of an older layout, in one step. The caller holds the lock. */
export async function bringUpToDate(
  client: Client,
  schema: string,
  layout: number,
  tool: string,
): Promise<void> {
  await inTransaction(client, () => bringUp(client, schema, layout, tool))
}

async function bringUp(client: Client, schema: string, from: number, tool: string): Promise<void> {
  for (let layout = from; layout < LAYOUT; layout++) {
    await client.query((LAYOUTS[layout] as string).replaceAll('S.', `"${schema}".`))
    await client.query(`INSERT INTO "${schema}".layouts (layout, at, tool) VALUES ($1, $2, $3)`, [
      layout + 1,
      Date.now(),
      tool,
    ])
  }
}

export async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

/** Undefined when what stands there is no identity. */
export async function readIdentity(client: Client, schema: string): Promise<Identity | undefined> {
  const { rows } = await client.query(`SELECT key, value FROM "${schema}".meta`)
  const meta = new Map<string, unknown>(rows.map((row) => [row.key, row.value]))
  const [id, site, createdAt, tool] = ['id', 'site', 'createdAt', 'tool'].map((key) => meta.get(key))
  if (typeof id !== 'string' || typeof site !== 'string') return undefined
  if (typeof createdAt !== 'number' || typeof tool !== 'string') return undefined
  return { id, site, createdAt, tool }
}
