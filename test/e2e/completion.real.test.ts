/** The Tab key in real shells, against a real Larder. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { scripts } from '../../src/cli/completion/scripts.ts';
import { libraryName } from '../tools/debian.ts';
import { eventually, type Larder, runLarder, startLarder, temporaryFolder } from './larder.ts';
import { shellOf, unpacked } from './shell.ts';

let larder: Larder | undefined;
let folder: string;
let env: { readonly KUBECONFIG: string };

/** A name that a shell would run, were it not quoted. */
const traps = (path: string): string => `odd$(touch ${path})\`touch ${path}\`;'"x`;
const odd = ['my home lab', 'arn:aws:eks:eu-west-1:1:cluster/x', 'back\\slash'];

const removals: (() => void)[] = [];

before(async () => {
  folder = temporaryFolder((remove) => removals.push(remove), 'larder-completion-');
  larder = await startLarder(join(folder, 'data'), ['--demo']);
  env = { KUBECONFIG: join(folder, 'kubeconfig') };
  const shape = z.looseObject({ contexts: z.array(z.looseObject({ name: z.string() })) });
  const config = shape.parse(parse(readFileSync(larder.kubeconfig, 'utf8')));
  const [first] = config.contexts;
  assert.ok(first);
  const contexts = [first, ...[...odd, traps(join(folder, 'ran'))].map((name) => ({ ...first, name }))];
  writeFileSync(env.KUBECONFIG, stringify({ ...config, contexts }));
  await eventually('the claims of the demo', async () => {
    const { stdout } = await runLarder(['volumes', 'list', '-o', 'json'], env);
    return z.array(z.object({ claim: z.string() })).parse(JSON.parse(stdout)).length === 3 || undefined;
  });
});

after(async () => {
  larder?.kill('SIGTERM');
  await larder?.exited;
  for (const remove of removals) remove();
});

for (const name of ['bash', 'zsh'] as const) {
  test(`${name} completes verbs, flags and what the cluster has, whatever is in the names`, async (t) => {
    const shell = await shellOf(t, name, env);
    if (shell === undefined) return;
    const cases: readonly (readonly [string, ...string[]])[] = [
      ['larder vol\tli\t--ou\tj\t', 'volumes', 'list', '--output', 'json'],
      ['larder -n demo explain --context lar\tph\t', '-n', 'demo', 'explain', '--context', 'larder', 'photos'],
      ['larder explain demo/ma\t', 'explain', 'demo/mail'],
      ['larder volumes list --namespace=dem\t', 'volumes', 'list', '--namespace=demo'],
      ['larder explain --context "my h\t', 'explain', '--context', 'my home lab'],
      ['larder explain --context=my\\ ho\t', 'explain', '--context=my home lab'],
      ['larder explain --context arn:aws:e\t', 'explain', '--context', odd[1] ?? ''],
      ['larder explain --context ba\t', 'explain', '--context', odd[2] ?? ''],
      ['larder explain --context odd\t', 'explain', '--context', traps(join(folder, 'ran'))],
      [`larder simulate ${folder}/kubec\t`, 'simulate', env.KUBECONFIG],
    ];
    assert.deepEqual(
      await shell.wordsAfter(cases.map(([keys]) => keys)),
      cases.map(([, ...words]) => ['larder', ...words]),
    );
    const screen = await shell.screenAfter('larder \t\t');
    for (const verb of ['volumes', 'nomad', 'cluster', 'ledger', 'doctor']) assert.match(screen, new RegExp(verb));
    assert.equal(existsSync(join(folder, 'ran')), false, 'a name was run');
  });

  test(`${name} stays silent when the cluster does not answer`, async (t) => {
    assert.ok(larder);
    const gone = join(folder, 'gone');
    const text = readFileSync(larder.kubeconfig, 'utf8').replace(/http:\/\/127\.0\.0\.1:\d+/, 'http://127.0.0.1:1');
    writeFileSync(gone, text);
    const shell = await shellOf(t, name, { KUBECONFIG: gone });
    if (shell === undefined) return;
    const screen = await shell.screenAfter('larder explain \t');
    assert.doesNotMatch(screen, /does not answer|Error|demo/);
    assert.deepEqual(await shell.wordsAfter(['larder explain mine --n\t']), [
      ['larder', 'explain', 'mine', '--namespace'],
    ]);
  });
}

test('fish completes verbs, flags and what the cluster has', async (t) => {
  const debian = await unpacked(t);
  if (debian === undefined) return;
  const script = join(folder, 'larder.fish');
  writeFileSync(script, scripts.fish);
  const fish = (line: string): readonly string[] => {
    const { stdout, stderr } = spawnSync(
      join(debian, 'usr/bin/fish'),
      [
        '--no-config',
        '-c',
        `set fish_function_path ${debian}/usr/share/fish/functions; source ${script}; complete -C ${JSON.stringify(line)}`,
      ],
      {
        encoding: 'utf8',
        env: {
          ...env,
          HOME: folder,
          LD_LIBRARY_PATH: join(debian, 'usr/lib', libraryName),
          PATH: `${resolve(import.meta.dirname, '../../bin')}:${process.env['PATH']}`,
        },
      },
    );
    assert.equal(stderr, '');
    return stdout
      .trimEnd()
      .split('\n')
      .map((each) => each.split('\t')[0] ?? '');
  };
  assert.deepEqual(fish('larder vol'), ['volumes']);
  assert.deepEqual(fish('larder volumes list --namespace=d'), ['--namespace=demo']);
  assert.deepEqual(fish('larder -n demo explain ph'), ['photos']);
  assert.deepEqual(fish("larder explain --context 'my"), ['my home lab']);
  assert.deepEqual(fish(`larder simulate ${folder}/kubec`), [env.KUBECONFIG]);
});
