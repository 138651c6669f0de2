import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rootCommand } from './program.ts';
import { verbFirst } from './verb-first.ts';

test('flags of kubectl before the verb go behind it, in their order and however they are written', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['volumes list', 'volumes list'],
    ['-n media volumes list', 'volumes list -n media'],
    ['-nmedia --context=home volumes list -o json', 'volumes list -o json -nmedia --context=home'],
    ['--kubeconfig /a --namespace media explain x', 'explain x --kubeconfig /a --namespace media'],
    ['-n media complete -- volumes', 'complete -n media -- volumes'],
    ['volumes -n media list', 'volumes -n media list'],
    ['--version', '--version'],
    ['-n', '-n'],
    ['-n media', '-n media'],
    ['--context', '--context'],
  ];
  for (const [given, wanted] of cases) assert.equal(verbFirst(given.split(' ')).join(' '), wanted);
});

test('no word is lost, doubled or made up', () => {
  const word = fc.constantFrom('-n', '--namespace', '--context=a', '-nb', '--kubeconfig', 'list', 'x', '--', '-o', '');
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      const once = verbFirst(argv);
      assert.deepEqual(once.toSorted(), argv.toSorted());
    }),
  );
});

test('the plugin is named as its user types it', () => {
  const nothing = (): void => undefined;
  const nameIn = (env: Readonly<Record<string, string>>): string =>
    rootCommand({ out: nothing, err: nothing, interactive: false, columns: 80, env }).name();
  assert.equal(nameIn({}), 'larder');
  assert.equal(nameIn({ LARDER_CALLED_AS: 'kubectl' }), 'kubectl larder');
  assert.equal(nameIn({ LARDER_CALLED_AS: 'anything else' }), 'larder');
});
