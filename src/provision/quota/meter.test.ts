import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problem } from '../directory/problem.ts';
import type { ExportDescription } from '../storage.ts';
import { MeterBook } from './meter.ts';
import type { QuotaReport } from './quota.ts';

const place: ExportDescription = { backend: 'nfs', server: '127.0.0.1', path: '/storage/v', root: '/mnt/v' };
const AT = 1_000_000;
const entry = { path: '', usedBytes: 5n, limitBytes: 10n, inodes: 3n };

const report: QuotaReport = {
  kind: 'quotas',
  backend: 'xfs',
  entries: [
    { ...entry, id: 7 },
    { ...entry, id: 8, limitBytes: 0n },
  ],
};

describe('the meter', () => {
  const read = (book: MeterBook, project: number, now = AT) =>
    book.read({ description: place, path: ['a'], project }, 60_000, now);

  it('says what the filesystem counted, and when', () => {
    const book = new MeterBook();
    assert.deepEqual(read(book, 7), { kind: 'unknown' });
    book.enter(place, report, AT);
    assert.deepEqual(read(book, 7), { kind: 'metered', usedBytes: 5n, limitBytes: 10n, inodes: 3n, at: AT });
    assert.equal(read(book, 7, AT + 60_000).kind, 'metered');
  });

  it('knows nothing of directories without a limit, of old reports, of other exports, and after a failure', () => {
    const book = new MeterBook();
    book.enter(place, report, AT);
    for (const project of [0, 8, 9]) assert.equal(read(book, project).kind, 'unknown', `${project}`);
    assert.equal(read(book, 7, AT + 60_001).kind, 'unknown');
    const other = { ...place, root: '/mnt/w' };
    assert.equal(book.read({ description: other, path: ['a'], project: 7 }, 60_000, AT).kind, 'unknown');
    book.enter(place, problem('unavailable', 'failed (EIO)'), AT);
    assert.equal(read(book, 7).kind, 'unknown');
  });

  it('goes by the directory where the filesystem does', () => {
    const book = new MeterBook();
    const entries = [{ ...entry, id: 0, path: 'a', inodes: undefined }];
    book.enter(place, { kind: 'quotas', backend: 'glusterfs', entries }, AT);
    assert.equal(read(book, 0).kind, 'metered');
    assert.equal(book.read({ description: place, path: ['b'], project: 0 }, 60_000, AT).kind, 'unknown');
  });
});
