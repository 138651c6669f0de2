/**
 * A disk of a cloud grows: `npm run test:cloud -- --kubeconfig FILE [--context NAME] [--storage-class NAME]
 * [--image NAME] [--yes]`. It makes one claim of the class, and a pod that fills it; the operator on this machine sees
 * that through the cluster, and the cloud's driver makes the disk larger. Nothing is asked of the cloud itself.
 * Exit codes as those of `cluster.ts`; without a kubeconfig, or without such a class, it says so and ends with 0.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type Client, connect, createClient, kinds, type StorageClass } from '../../src/kube/index.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { grow } from './disk.ts';
import { survey } from './ground.ts';
import { remainsOf, sweep } from './sweep.ts';
import { readTarget, type Target } from './target.ts';

/** The smallest disks that these drivers make. */
const drivers: Readonly<Record<string, { readonly disk: string; readonly gib: number }>> = {
  'ebs.csi.aws.com': { disk: 'EBS volume', gib: 1 },
  'pd.csi.storage.gke.io': { disk: 'persistent disk', gib: 10 },
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function notRun(reason: string): number {
  say(`test:cloud was not run: ${reason}`);
  say('0 passed, 0 failed, 1 skipped');
  return 0;
}

function refuse(reason: string): number {
  process.stderr.write(`test:cloud: ${reason}\n`);
  return 2;
}

const options = {
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  'storage-class': { type: 'string' },
  image: { type: 'string', default: 'busybox:1.36' },
  'kubelet-ca': { type: 'string' },
  'kubelet-token-file': { type: 'string' },
  yes: { type: 'boolean', default: false },
} as const;

interface Chosen {
  readonly name: string;
  readonly disk: string;
  readonly gib: number;
}

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options });
  const { kubeconfig, context, image, yes } = values;
  if (kubeconfig === undefined) return notRun('no cluster was named: give --kubeconfig FILE of one on EKS or GKE');
  const found = readTarget(kubeconfig, context);
  if (found.kind === 'unusable') return refuse(found.reason);
  const { target } = found;
  const { transport } = await connect({ kubeconfig: target.textIn('default'), clock: systemClock });
  const client = createClient({ transport, clock: systemClock, random: systemRandom });
  try {
    const { objections, version } = await survey(client, AbortSignal.timeout(60_000));
    if (objections.length > 0) return refuse(objections.join('\n'));
    const chosen = chooseFrom((await client.list(kinds.StorageClass)).items, values['storage-class']);
    if (typeof chosen === 'string') return notRun(chosen);
    const run = `larder-test-${randomBytes(3).toString('hex')}`;
    if (!yes) return refuse(question(target, chosen, run));
    say(`${run} on ${target.context}, Kubernetes ${version}: a claim of class ${chosen.name}, ${chosen.gib}Gi …`);
    const kubelet = { authority: values['kubelet-ca'], tokenFile: values['kubelet-token-file'] };
    const outcome = await grow(
      { target, client, run, ...chosen, storageClass: chosen.name, image, kubelet },
      say,
    ).catch((failure: unknown) => String(failure));
    const left = await tidy(client, run);
    if (outcome !== undefined) say(`✗ ${outcome}`);
    for (const each of left) say(`left on the cluster, and perhaps paid for: ${each}`);
    say(`${outcome === undefined ? '1 passed, 0 failed' : '0 passed, 1 failed'}, 0 skipped`);
    return outcome === undefined && left.length === 0 ? 0 : 1;
  } finally {
    await transport.close();
  }
}

/** Or why none is fit. */
function chooseFrom(classes: readonly StorageClass[], wanted: string | undefined): Chosen | string {
  const named = classes.filter(({ metadata }) => wanted === undefined || metadata.name === wanted);
  const known = named.filter(({ provisioner }) => Object.hasOwn(drivers, provisioner));
  const fit = known.find(
    ({ allowVolumeExpansion, reclaimPolicy = 'Delete' }) => allowVolumeExpansion === true && reclaimPolicy === 'Delete',
  );
  const driver = fit && drivers[fit.provisioner];
  if (fit && driver) return { name: fit.metadata.name, ...driver };
  if (known.length > 0) {
    return `of ${known.map(({ metadata }) => metadata.name).join(', ')} none allows expansion and deletes its disks`;
  }
  const there = classes.map(({ metadata, provisioner }) => `${metadata.name} (${provisioner})`).join(', ') || 'none';
  const which = wanted === undefined ? 'no StorageClass is' : `StorageClass ${wanted} is not`;
  return `${which} of ${Object.keys(drivers).join(' or ')}; there are: ${there}`;
}

function question({ context, server }: Target, { name, disk, gib }: Chosen, run: string): string {
  return [
    `the run makes one ${disk} of ${gib}Gi on ${context} (${server}), by class ${name}, grows it to ${gib + 1}Gi, and`,
    `  removes it: a claim and a pod in a namespace of its own, ${run}-cloud. It costs what such a disk costs for`,
    '  some minutes. Say --yes if that is all right.',
  ].join('\n');
}

async function tidy(client: Client, run: string): Promise<readonly string[]> {
  const prefix = `${run}-`;
  return sweep(client, prefix).then(
    () => remainsOf(client, prefix),
    (failure: unknown) => [String(failure)],
  );
}

process.exitCode = await main(process.argv.slice(2)).catch((failure: unknown) =>
  refuse(failure instanceof Error ? failure.message : String(failure)),
);
