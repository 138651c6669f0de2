/** Tells a scene to one server and writes down all that kubectl answers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKubectl, type Kubectl, type KubectlRun } from '../../tools/kubectl.ts';
import { mask, type Surroundings, withoutClientLog } from './mask.ts';
import { type Scene, type Step, split } from './scene.ts';

export interface Entry {
  /** The command line, after `kubectl`. */
  readonly line: string;
  /** Exit code, stdout and stderr, masked. */
  readonly answer: string;
}

export interface Speaker extends Surroundings {
  /** Of kubectl. */
  readonly path: string;
  readonly kubeconfig: string;
}

const ATTEMPTS = 100;

export async function record(scene: Scene, speaker: Speaker): Promise<readonly Entry[]> {
  const kubectl = createKubectl({ path: speaker.path, kubeconfig: speaker.kubeconfig, home: speaker.folder });
  for (const [name, text] of Object.entries(scene.files ?? {})) writeFileSync(join(speaker.folder, name), text);
  const entries: Entry[] = [];
  const keep = (line: string, run: KubectlRun): void =>
    void entries.push({ line, answer: mask(answerOf(run), speaker) });
  for (const step of scene.steps) {
    const { line, watch, ...rest } = typeof step === 'string' ? { line: step } : step;
    const meanwhile: (readonly [string, KubectlRun])[] = [];
    const run = watch
      ? await watched(kubectl, {
          line,
          watch,
          tell: async (told) => void meanwhile.push([told, await kubectl(split(told))]),
        })
      : await repeated(kubectl, { line, ...rest });
    keep(line, run);
    for (const [told, answer] of meanwhile) keep(told, answer);
  }
  return entries;
}

/** One text, for people and for comparisons. */
export function transcript(entries: readonly Entry[]): string {
  return entries.map(({ line, answer }) => `$ kubectl ${line}\n${answer}`).join('\n');
}

function answerOf({ code, stdout, stderr }: KubectlRun): string {
  const said = withoutClientLog(stderr);
  const talk = said === '' ? '' : `--- stderr\n${whole(said)}`;
  return `${whole(stdout)}${talk}--- ${code}\n`;
}

/** What ends without a line's end says so. */
function whole(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n--- no end of line\n`;
}

async function repeated(kubectl: Kubectl, { line, input, until, editor }: Step): Promise<KubectlRun> {
  const options = {
    ...(input === undefined ? {} : { input }),
    ...(editor === undefined ? {} : { env: { KUBE_EDITOR: editor } }),
  };
  let run = await kubectl(split(line), options);
  for (let attempt = 1; until && !until.test(`${run.stdout}${run.stderr}`) && attempt < ATTEMPTS; attempt += 1) {
    run = await kubectl(split(line), options);
  }
  return run;
}

interface Watching {
  readonly line: string;
  readonly watch: NonNullable<Step['watch']>;
  readonly tell: (line: string) => Promise<void>;
}

async function watched(kubectl: Kubectl, { line, watch, tell }: Watching): Promise<KubectlRun> {
  let telling: Promise<void> | undefined;
  const tellAll = async (): Promise<void> => {
    for (const told of watch.meanwhile) await tell(told);
  };
  const run = await kubectl(split(line), {
    until: watch.last,
    onOutput(stdout) {
      if (watch.ready.test(stdout)) telling ??= tellAll();
    },
  });
  await telling;
  return run;
}
