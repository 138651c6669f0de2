/** The commands of the guides, as they stand there, from top to bottom; what a guide shows is what they print. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { programs } from '../tools/control-plane/flags.ts';
import { lacking } from '../tools/run-tool.ts';
import { type Desk, deskFor } from './desk.ts';
import { readGuide } from './guide.ts';
import { follow, type Reader } from './reader.ts';
import { furnish, type Scene, scenes } from './scenes.ts';

const GUIDES = resolve(import.meta.dirname, '../../docs/guides');
const common = await lacking('kubectl', 'helm');
const plane = common === false ? await lacking(...programs) : common;

for (const scene of scenes) {
  const { guides, place } = scene;
  const name = `${guides.join(', ')}: every command does what the guide says`;
  test(name, { skip: place.kind === 'embedded' ? common : plane }, (t) => read(t, scene));
}

async function read(t: TestContext, scene: Scene): Promise<void> {
  const desk = await deskFor(t, scene.place);
  furnish(desk, scene);
  if (scene.objects !== undefined) apply(desk, scene.objects);
  await scene.prepare?.(desk, t);
  const reader: Reader = { desk, own: new Map(Object.entries(scene.own?.(desk) ?? {})), running: [] };
  for (const name of scene.guides) {
    const guide = readGuide(resolve(GUIDES, `${name}.md`));
    const count = await follow(t, reader, guide);
    t.diagnostic(`${name}: ${count} commands`);
  }
}

function apply({ home, env }: Desk, objects: readonly object[]): void {
  const input = objects.map((object) => JSON.stringify(object)).join('\n---\n');
  const { status, stderr } = spawnSync(join(home, 'bin/kubectl'), ['apply', '-f', '-'], {
    cwd: home,
    env,
    input,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}
