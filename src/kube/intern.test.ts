import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { intern } from './intern.ts';

/** In a process of its own, because others of this one would be measured too: bytes for each name that five places hold. */
const PROGRAM = `
  const { intern } = await import(${JSON.stringify(new URL('./intern.ts', import.meta.url).href)});
  const heapBytes = () => (gc(), gc(), process.memoryUsage().heapUsed);
  const keep = (kept, of, each) => {
    for (let place = 0; place < 5; place += 1) {
      for (let index = 0; index < 10_000; index += 1) kept.push(each(of + '/' + JSON.parse('"a-claim-of-many-' + index + '"')));
    }
  };
  const measure = (of, each) => {
    const before = heapBytes();
    const kept = [];
    keep(kept, of, each);
    const held = heapBytes() - before;
    kept.length = 0;
    return [held / 10_000, (heapBytes() - before) / 10_000];
  };
  measure('warm', intern);
  console.log(JSON.stringify({ plain: measure('plain', (name) => name), interned: measure('interned', intern) }));
`;

describe('intern', () => {
  it('changes no string', () => {
    for (const string of ['', 'a', '0', '__proto__', 'constructor', 'ünï', 'x'.repeat(1_000)]) {
      assert.equal(intern(string), string);
      assert.equal(intern(`${string.slice(0, 1)}${string.slice(1)}`), string);
    }
  });

  it('keeps one copy of a name that five places hold, and none once they let go', () => {
    const flags = ['--expose-gc', '--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', PROGRAM];
    const { plain, interned } = JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' }));
    const said = JSON.stringify({ plain, interned });
    assert.ok(plain[0] > 400, `five copies, and their parts: ${said}`);
    assert.ok(interned[0] < 200, `one copy, and the places: ${said}`);
    assert.ok(interned[1] < 50, `a name that nobody holds is gone: ${said}`);
  });
});
