/**
 * The scripts of the Terraform module test-service, and a container to run them in as a kubelet would: a root of its own
 * with the shell of this machine, volumes mounted where the module has them, and a termination log.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { roomOf } from '../storage/room.ts';
import type { ControlPlane } from '../tools/control-plane.ts';
import { modules, read } from './terraform.ts';

type Case = 'claims' | 'host-path';

/** What Terraform puts into the scripts. */
type Values = Readonly<Record<string, string>>;

const SCRIPT = /command = \["sh", "-c", <<-EOT\n([\s\S]*?)\n\s*EOT\n/g;

/** As Terraform renders it: without the indentation, with the values in their places. Throws where one is not given. */
export function scriptOf(which: Case, values: Values): string {
  const text = readFileSync(join(modules, 'modules-k8s', 'test-service', 'main.tf'), 'utf8');
  const scripts = [...text.matchAll(SCRIPT)].map(([, script = '']) => script);
  if (scripts.length !== 2) throw new Error(`${scripts.length} scripts in the module test-service`);
  const lines = (scripts[which === 'claims' ? 0 : 1] ?? '').split('\n');
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  const dedented = lines.map((line) => `${line.slice(indent)}\n`).join('');
  return dedented.replace(/\$\{([\w.]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the module test-service asks for ${name}`);
    return value;
  });
}

/** Pods of a cluster without nodes run nothing: what stands in the Deployment is what `test-service.test.ts` runs. */
export async function hasScript(plane: ControlPlane, deployment: string, values: Values): Promise<void> {
  const made = JSON.stringify(await read(plane, `/apis/apps/v1/namespaces/default/deployments/${deployment}`));
  const script = scriptOf('var.existing_path' in values ? 'host-path' : 'claims', values);
  assert.ok(made.includes(JSON.stringify(['sh', '-c', script])), `${deployment} has another script than\n${script}`);
}

interface Ended {
  /** Whether the readiness probe of the module would have found its file. */
  readonly passed: boolean;
  /** What `kubectl describe pod` shows below "Message". */
  readonly message: string;
}

export interface Container {
  /** Runs bash in the room; `$root` is the container's root. */
  prepare(script: string): Promise<unknown>;
  /** Until the script waits for ever, as it does when its case holds, or has ended. */
  run(script: string, uid: number): Promise<Ended>;
}

const ROOT = '/mnt/container';
/** What a file of the image, /proc and /dev have in them. */
const FURNISH = `mkdir -p $root/usr $root/proc $root/dev $root/tmp
  for each in bin lib lib64; do [ -e /$each ] && { [ -L /$each ] && ln -s usr/$each $root/$each || { mkdir $root/$each; mount --rbind /$each $root/$each; }; }; done
  mount --rbind /usr $root/usr; mount -t proc proc $root/proc; chmod 1777 $root/tmp
  touch $root/dev/null; mount --bind /dev/null $root/dev/null`;
/** The file of the message is there before the process, and it may write it, as in a pod. */
const RUN = `rm -f $root/tmp/passed; : > $root/dev/termination-log; chmod 666 $root/dev/termination-log
  chroot --userspec=$uid:$uid $root /usr/bin/env -i PATH=/usr/bin:/bin HOSTNAME=test-1 sh -c "$script" < /dev/null > /dev/null 2>&1 &
  pod=$!
  while kill -0 $pod 2> /dev/null && [ ! -e $root/tmp/passed ]; do sleep 0.05; done
  if kill -0 $pod 2> /dev/null; then kill -9 $pod; fi
  wait $pod 2> /dev/null || true
  [ -e $root/tmp/passed ] && echo passed || echo failed
  cat $root/dev/termination-log`;

/** The reason of a skip where this user may not make one. */
export async function containerFor(t: TestContext): Promise<Container | string> {
  if (process.geteuid?.() !== 0) return 'only root can become the users of the pods';
  const room = await roomOf(t, { isolated: true });
  if (typeof room === 'string') return room;
  const inside = (script: string): Promise<string> => room.run(`root=${ROOT}\n${script}`);
  await inside(FURNISH);
  return {
    prepare: inside,
    async run(script, uid) {
      const [verdict, ...message] = (await inside(`uid=${uid}\nscript=${quoted(script)}\n${RUN}`))
        .trimEnd()
        .split('\n');
      return { passed: verdict === 'passed', message: message.join('\n') };
    },
  };
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
