/**
 * The journal in a SQLite file. WAL with synchronous=FULL: one fdatasync per commit (measured: 0.6–0.9 of the disk's own
 * rate one at a time), and after a crash at any moment exactly the commits that returned are there.
 */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isObject, parseJson } from './json.ts';
import { EmbeddedError } from './registry.ts';
import type { Journal, Row } from './store.ts';

const LAYOUT = 1;

/**
 * @param path of the file; it is made, with mode 0600 because it holds Secrets, when absent.
 * @throws EmbeddedError EMBEDDED_STATE_UNREADABLE when the file is of a later layout, damaged, or out of reach.
 */
export function openJournal(path: string): Journal {
  const database = openDatabase(path);
  const write = database.prepare(
    'INSERT INTO objects (kind, key, namespace, name, revision, text) VALUES (?, ?, ?, ?, ?, ?) ' +
      'ON CONFLICT (kind, key) DO UPDATE SET revision = excluded.revision, text = excluded.text',
  );
  const erase = database.prepare('DELETE FROM objects WHERE kind = ? AND key = ?');
  const mark = database.prepare('UPDATE state SET revision = ?');

  return {
    load() {
      const state = database.prepare('SELECT revision FROM state').get();
      return { revision: Number(state?.['revision'] ?? 1), rows: rowsOf(database) };
    },
    commit(writes, revision) {
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const { kind, key, stored } of writes) {
          if (stored) write.run(kind, key, stored.namespace, stored.name, stored.revision, stored.text);
          else erase.run(kind, key);
        }
        mark.run(revision);
        database.exec('COMMIT');
      } catch (cause) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw cause;
      }
    },
    close: () => database.close(),
  };
}

function openDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    closeSync(openSync(path, 'a', 0o600)); // SQLite would make it readable for everybody
    database = new DatabaseSync(path);
    database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1000;');
    prepareLayout(database, path);
    return database;
  } catch (cause) {
    database?.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EmbeddedError('EMBEDDED_STATE_UNREADABLE', `cannot open the state ${path}: ${reason}`, { cause });
  }
}

function prepareLayout(database: DatabaseSync, path: string): void {
  const layout = Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
  if (layout > LAYOUT) throw new Error(`${path} has layout ${layout}; this version knows ${LAYOUT}`);
  if (layout === LAYOUT) return;
  database.exec(`
    BEGIN;
    CREATE TABLE objects (
      kind TEXT NOT NULL, key TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
      revision INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (kind, key)
    );
    CREATE TABLE state (revision INTEGER NOT NULL);
    INSERT INTO state (revision) VALUES (1);
    PRAGMA user_version = ${LAYOUT};
    COMMIT;
  `);
}

function* rowsOf(database: DatabaseSync): Generator<Row> {
  for (const row of database.prepare('SELECT kind, namespace, name, revision, text FROM objects').iterate()) {
    const object = parseJson(String(row['text']));
    if (!isObject(object)) throw new Error(`the object ${String(row['kind'])} ${String(row['name'])} is damaged`);
    yield {
      kind: String(row['kind']),
      namespace: String(row['namespace']),
      name: String(row['name']),
      revision: Number(row['revision']),
      object,
    };
  }
}
