import { Argument, type Command, Option } from 'commander';
import { parseAllDocuments } from 'yaml';
import { type Conversion, type Manifest, type Peer, peers, type Raw } from '../expand/import/conversion.ts';
import { convert } from '../expand/import/convert.ts';
import type { Client } from '../kube/index.ts';
import { isObject } from '../kube/reader.ts';
import { yamlText } from '../kube/yaml-text.ts';
import { type ClusterOptions, cluster } from './cluster.ts';
import { Exit, exitCodes } from './exit.ts';
import { contentOf, inputText } from './input.ts';
import { toJson, visible, wrap } from './output.ts';
import { type CommandContext, examples } from './program.ts';

interface ImportOptions extends ClusterOptions {
  readonly file?: readonly string[];
  readonly cluster?: boolean;
  readonly output: 'yaml' | 'json';
}

/** `larder import`: what another autoscaler is told, in Larder's words, and where the two differ. Writes nothing. */
export function importSettings(program: Command, context: CommandContext): void {
  const verb = program
    .command('import')
    .description('Print what the settings of another volume autoscaler are for Larder, and where the two differ')
    .addArgument(new Argument('<from>', 'what they were written for').choices([...peers]))
    .addOption(new Option('-f, --file <file...>', 'manifests to read; - is standard input'))
    .addOption(new Option('--cluster', 'read them from the cluster that kubectl would use').conflicts('file'))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'))
    .addOption(new Option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)'))
    .addOption(new Option('--context <name>', 'context of the kubeconfig (default: its current one)'));
  examples(verb, ['larder import autoresizer -f claims.yaml', 'larder import gardener --cluster > claims.yaml']).action(
    (from: Peer, options: ImportOptions) => run(context, from, options),
  );
}

async function run(context: CommandContext, from: Peer, options: ImportOptions): Promise<void> {
  const { terminal } = context;
  if (!options.file && !options.cluster) {
    throw new Exit(exitCodes.usage, 'say where the settings are: -f FILE, or --cluster');
  }
  const objects = options.file
    ? options.file.flatMap(readObjects)
    : await cluster(context, options, (client, signal) => liveObjects(client, from, signal));
  const conversion = convert(from, objects);
  terminal.out(options.output === 'json' ? toJson(conversion) : yamlOf(conversion));
  const { manifests, differences } = conversion;
  const objectsText = manifests.length === 1 ? '1 object' : `${manifests.length} objects`;
  terminal.err(`${objectsText}, ${differences.length} differences in meaning`);
  terminal.err(manifests.length === 0 ? '\n' : '; apply them with kubectl apply --server-side -f -\n');
}

const WIDTH = 76;

function yamlOf({ manifests, configuration, differences }: Conversion): string {
  const settings = Object.entries(configuration);
  const head = [
    ...differences.filter(({ about }) => about === '').map(({ message }) => message),
    ...(settings.length > 0
      ? [`settings of the installation: ${settings.map(([key, value]) => `${key}: ${value}`).join(', ')}`]
      : []),
  ];
  const orphans = differences.filter(({ about }) => about !== '' && !manifests.some((each) => keyOf(each) === about));
  const notes = [...head, ...orphans.map(({ about, message }) => `${about}: ${message}`)];
  const documents = manifests.map((manifest) => {
    const own = differences.filter(({ about }) => about === keyOf(manifest)).map(({ message }) => message);
    return `${commented(own)}${yaml(manifest)}`;
  });
  return [commented(notes), ...documents].join('---\n');
}

function keyOf({ metadata }: Manifest): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/**
 * Whoever wrote an annotation may have put into it what ends a line for some readers of YAML and not for others: what stands
 * after it would be applied as an object of its own. JSON has an escape for every one of them, and is YAML.
 */
function yaml(manifest: Manifest): string {
  const text = yamlText(manifest);
  return visible(text) === text ? text : visible(toJson(manifest));
}

function commented(notes: readonly string[]): string {
  return notes.map((note) => `# ${wrap(visible(note), WIDTH).replaceAll('\n', '\n#   ')}\n`).join('');
}

function readObjects(path: string): readonly Raw[] {
  const objects = parseAllDocuments(inputText(path)).flatMap((document) => {
    const [broken] = document.errors;
    if (broken) throw new Exit(exitCodes.usage, `${path}: ${broken.message}`);
    return flattened(contentOf(document, path));
  });
  // Who gave the wrong file would else read that there is nothing to take over.
  if (!objects.some(({ kind }) => typeof kind === 'string')) {
    throw new Exit(
      exitCodes.usage,
      `${path} has no Kubernetes object in it: give manifests, as kubectl get -o yaml prints`,
    );
  }
  return objects;
}

/** What kubectl prints of several objects is a List. */
function flattened(object: unknown): readonly Raw[] {
  if (!isObject(object)) return [];
  const { items } = object;
  return Array.isArray(items) ? items.flatMap(flattened) : [object];
}

const CORE = [
  ['PersistentVolumeClaim', '/api/v1/persistentvolumeclaims'],
  ['StorageClass', '/apis/storage.k8s.io/v1/storageclasses'],
] as const;

const extra: Readonly<Record<Peer, readonly (readonly [kind: string, path: string])[]>> = {
  autoresizer: [],
  gardener: [
    ['PersistentVolumeClaimAutoscaler', '/apis/autoscaling.gardener.cloud/v1alpha1/persistentvolumeclaimautoscalers'],
    ['StatefulSet', '/apis/apps/v1/statefulsets'],
    ['Deployment', '/apis/apps/v1/deployments'],
  ],
  'volume-autoscaler': [],
  'pvc-chonker': [
    ['PVCPolicy', '/apis/pvc-chonker.io/v1alpha1/pvcpolicies'],
    ['PVCGroup', '/apis/pvc-chonker.io/v1alpha1/pvcgroups'],
  ],
};

const NOT_FOUND = 404;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // given up: the caller then says the status
  }
}

/** A kind that the cluster does not have has no objects. */
async function liveObjects(client: Client, from: Peer, signal: AbortSignal): Promise<readonly Raw[]> {
  const found: Raw[] = [];
  for (const [kind, path] of [...CORE, ...extra[from]]) {
    const response = await client.request({ method: 'GET', path }, { signal });
    const text = await response.text();
    // Of a group that it does not know the server says so in plain text.
    if (response.status === NOT_FOUND) continue;
    const answer = parsed(text);
    if (response.status !== 200 || !isObject(answer)) {
      const why =
        isObject(answer) && typeof answer['message'] === 'string' ? answer['message'] : `status ${response.status}`;
      throw new Exit(exitCodes.usage, `${kind} objects cannot be listed: ${why}`);
    }
    for (const item of flattened(answer)) found.push({ ...item, kind });
  }
  return found;
}
