/**
 * The pod of a rendered Deployment as a process of this machine: the same arguments, environment, user and capabilities,
 * in a mount namespace of its own with a read-only root in which nothing is but Node, the bundle and the pod's mounts.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import type { Client } from '../../../src/kube/index.ts';
import type { ControlPlane } from '../../tools/control-plane.ts';
import { post } from '../account.ts';
import { type Started, startProgram, temporaryFolder } from '../larder.ts';

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .object({
      secretKeyRef: z.object({ name: z.string(), key: z.string() }).optional(),
      fieldRef: z.object({ fieldPath: z.string() }).optional(),
    })
    .optional(),
});
type Variable = z.infer<typeof variable>;

const container = z.object({
  args: z.array(z.string()),
  env: z.array(variable),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
  securityContext: z.object({
    runAsUser: z.number(),
    runAsGroup: z.number().default(0), // what the image has
    readOnlyRootFilesystem: z.literal(true),
    allowPrivilegeEscalation: z.literal(false),
    capabilities: z.object({ drop: z.tuple([z.literal('ALL')]), add: z.array(z.string()).default([]) }),
  }),
});

const deployment = z.object({
  metadata: z.object({ namespace: z.string() }),
  spec: z.object({
    template: z.object({
      spec: z.object({
        serviceAccountName: z.string(),
        containers: z.tuple([container]),
        volumes: z.array(z.looseObject({ name: z.string(), configMap: z.object({ name: z.string() }).optional() })),
      }),
    }),
  }),
});
/** What of a Deployment this machine acts on. */
export type PodPlan = z.infer<typeof deployment>;

export function planOf(object: unknown): PodPlan {
  return deployment.parse(object);
}

export interface PodOptions {
  readonly plane: ControlPlane;
  readonly client: Client;
  /** Folder of the bundle. */
  readonly bundle: string;
  readonly node: string;
  /** Folders of this machine by the name of the volume; a volume that is not named here gets an empty one. */
  readonly volumes: Readonly<Record<string, string>>;
}

/** False when this machine lets us make mounts; else why not. */
export function noPods(): string | false {
  const { status, stderr, error } = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'], {
    encoding: 'utf8',
  });
  return status === 0 ? false : `no mounts of our own here: ${error?.message ?? stderr.trim()}`;
}

/** Resolves when the operator in it is ready. It ends with the test. */
export async function startPod(t: TestContext, plan: PodPlan, options: PodOptions): Promise<Started> {
  const { serviceAccountName, containers, volumes } = plan.spec.template.spec;
  const [{ args, env, volumeMounts, securityContext }] = containers;
  const scratch = temporaryFolder((remove) => t.after(remove), 'larder-pod-');
  const { runAsUser, runAsGroup, capabilities } = securityContext;
  const mounts = await Promise.all(
    volumeMounts.map(async ({ name, mountPath }) => {
      const volume = volumes.find((each) => each.name === name);
      if (!volume) throw new Error(`no volume ${name} in the pod`);
      const folder = options.volumes[name] ?? emptyFolder(join(scratch, name));
      if (volume.configMap) await fill(folder, plan.metadata.namespace, volume.configMap.name, options.client);
      return { folder, mountPath };
    }),
  );
  mounts.push({ folder: await accountFolder(scratch, serviceAccountName, plan, options), mountPath: ACCOUNT_FOLDER });
  const variables = await Promise.all(env.map((each) => textOf(each, plan, options)));
  const { port } = new URL(options.plane.url);
  const words = [
    ...['setpriv', `--reuid=${runAsUser}`, `--regid=${runAsGroup}`, '--clear-groups', '--no-new-privs'],
    ...['--inh-caps=-all', `--bounding-set=${['-all', ...capabilities.add.map((name) => `+${name.toLowerCase()}`)]}`],
    ...['env', '-i', ...variables, 'KUBERNETES_SERVICE_HOST=127.0.0.1', `KUBERNETES_SERVICE_PORT=${port}`],
    ...['/node', '/app/larder.mjs'],
  ];
  const script = [
    ...['set -eu', `root=${scratch}/root`, 'mkdir $root', 'mount -t tmpfs -o mode=755 tmpfs $root', 'cd $root'],
    ...['mkdir usr proc dev tmp app', 'touch node', `mount --bind ${process.execPath} node`],
    ...['for at in usr proc dev; do mount --rbind /$at $at; done', `mount --bind ${options.bundle} app`],
    // As links where /usr has everything, which is so on all present distributions.
    'for at in bin lib lib64; do if [ -e /$at ]; then ln -s usr/$at $at; fi; done',
    ...mounts.flatMap(({ folder, mountPath }) => [`mkdir -p .${mountPath}`, `mount --bind ${folder} .${mountPath}`]),
    ...['mount -o remount,ro,bind app', 'mount -o remount,ro $root', 'exec chroot $root "$@"'],
  ].join('\n');
  const started = await startProgram(
    { command: 'unshare', args: ['--mount', 'sh', '-c', script, 'pod', ...words] },
    args,
  );
  t.after(() => started.kill('SIGKILL'));
  return started;
}

/** As a kubelet makes it: open to whoever the container runs as. */
function emptyFolder(path: string): string {
  mkdirSync(path);
  chmodSync(path, 0o777);
  return path;
}

async function fill(folder: string, namespace: string, name: string, client: Client): Promise<void> {
  const files = await dataOf(client, `/api/v1/namespaces/${namespace}/configmaps/${name}`);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

/** As a kubelet makes it, with a token that the API server gave for the account. */
async function accountFolder(scratch: string, name: string, plan: PodPlan, { client, plane }: PodOptions) {
  const { namespace } = plan.metadata;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3_600 } };
  const { status } = z.object({ status: z.object({ token: z.string() }) }).parse(await post(client, path, body));
  const folder = join(scratch, 'account');
  mkdirSync(folder);
  for (const [file, text] of Object.entries({ token: status.token, 'ca.crt': plane.authority, namespace })) {
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

async function textOf({ name, value, valueFrom }: Variable, plan: PodPlan, { client, node }: PodOptions) {
  if (value !== undefined) return `${name}=${value}`;
  const { secretKeyRef, fieldRef } = valueFrom ?? {};
  if (secretKeyRef) return `${name}=${await secretOf(client, plan.metadata.namespace, secretKeyRef)}`;
  const fields: Readonly<Record<string, string>> = {
    'metadata.namespace': plan.metadata.namespace,
    'spec.nodeName': node,
  };
  const field = fields[fieldRef?.fieldPath ?? ''];
  if (field === undefined) throw new Error(`the variable ${name} comes from nowhere`);
  return `${name}=${field}`;
}

export async function secretOf(
  client: Client,
  namespace: string,
  { name, key }: { readonly name: string; readonly key: string },
): Promise<string> {
  const data = await dataOf(client, `/api/v1/namespaces/${namespace}/secrets/${name}`);
  return Buffer.from(data[key] ?? '', 'base64').toString('utf8');
}

async function dataOf(client: Client, path: string): Promise<Readonly<Record<string, string>>> {
  const response = await client.request({ method: 'GET', path });
  return z.object({ data: z.record(z.string(), z.string()) }).parse(JSON.parse(await response.text())).data;
}
