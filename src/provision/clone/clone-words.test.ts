import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { completedText, inexactText, progressText, quarterOf, startText } from './clone-words.ts';
import type { CloneFigures } from './clones.ts';

const MIB = 1024n * 1024n;
const subject = { claim: 'shop/a', directory: 'b', elapsedMs: 12_340, totalBytes: 1536n * MIB, totalFiles: 20n };

const figuresOf = (change: Partial<CloneFigures> = {}): CloneFigures => ({
  files: 1,
  directories: 2,
  copiedBytes: 3n * MIB,
  sharedBytes: 0n,
  passedBytes: 384n * MIB,
  skipped: 0,
  changed: 0,
  disowned: 0,
  ...change,
});

test('a copy is told from its beginning to its end', () => {
  assert.equal(
    startText(subject),
    'copying claim shop/a into directory b: 1536Mi in 20 files and directories; do not write into it meanwhile',
  );
  assert.equal(
    progressText(subject, figuresOf()),
    '25 % of claim shop/a is copied: 384Mi of 1536Mi after 12.3s, about 37s left',
  );
  assert.equal(
    completedText(subject, figuresOf()),
    'directory b is a copy of claim shop/a: 1 file and 2 directories, 3Mi copied, in 12.3s: nothing to do',
  );
  assert.equal(
    completedText(subject, figuresOf({ sharedBytes: 5n * MIB, copiedBytes: 12n, files: 2, directories: 1 })),
    'directory b is a copy of claim shop/a: 2 files and 1 directory, 5Mi shared (reflink), 12 bytes copied, in 12.3s: nothing to do',
  );
});

test('what is not as in the source is said, and only that', () => {
  assert.equal(inexactText(subject, figuresOf()), undefined);
  assert.equal(
    inexactText(subject, figuresOf({ changed: 1, skipped: 2 })),
    'directory b differs from claim shop/a: 1 entry changed during the copy; 2 sockets, FIFOs or devices left out: stop what writes into the source and clone again if that matters',
  );
  assert.equal(
    inexactText(subject, figuresOf({ disowned: 3 })),
    'directory b differs from claim shop/a: 3 entries without their owner, because Larder does not run as root: look at it before you use it',
  );
});

test('whatever the figures, a share is at most 100 % and a quarter at most the third', () => {
  const bytes = fc.bigInt({ min: 0n, max: 2n ** 50n });
  fc.assert(
    fc.property(bytes, bytes, (totalBytes, passedBytes) => {
      const text = progressText({ ...subject, totalBytes }, figuresOf({ passedBytes }));
      assert.ok(Number(/^\d+/.exec(text)?.[0]) <= 100, text);
      const quarter = quarterOf(figuresOf({ passedBytes }), totalBytes);
      assert.ok(quarter >= 0 && quarter <= 3);
      if (totalBytes > 0n && passedBytes * 2n >= totalBytes) assert.ok(quarter >= 1, `${quarter}`);
    }),
  );
});
