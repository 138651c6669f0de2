/** Finds the manifests of a change: files, folders with all below them, kustomizations and charts. */
import { createHash } from 'node:crypto';
import { ChangeError } from '../registry.ts';
import type { Manifest } from './manifest.ts';
import { isHook, type ManifestFile, readManifests } from './read-manifests.ts';
import { runTool } from './tool.ts';
import type { Tree } from './tree.ts';

export interface Chart {
  /** A folder of the repository, or what helm finds itself. */
  readonly chart: string;
  readonly version?: string;
  readonly release: string;
  /** From the root of the repository. */
  readonly values: readonly string[];
}

/** What a change is about. */
export interface Sources {
  /** From the root of the repository. */
  readonly paths: readonly string[];
  readonly chart?: Chart;
  /** Where objects go that name no namespace. */
  readonly namespace: string;
}

/** What a program made of files. */
export interface Rendered {
  readonly command: string;
  /** SHA-256 of what it printed. */
  readonly sha256: string;
}

export interface Gathered {
  readonly manifests: readonly Manifest[];
  /** Of charts; they are not applied. */
  readonly hooks: readonly Manifest[];
  readonly rendered: readonly Rendered[];
}

export interface GatherOptions {
  /** As the API server says it: charts may ask for it. Undefined where nobody asked. */
  readonly kubeVersion?: string;
  /** Paths that are not there are no mistake, and no manifest at all is none either. */
  readonly passOver?: boolean;
  readonly signal?: AbortSignal;
}

interface Part {
  readonly files: readonly ManifestFile[];
  readonly rendered: readonly Rendered[];
}

/** @throws ChangeError LARDER_CHANGE_MANIFESTS with all problems, LARDER_CHANGE_TOOL. */
export async function gather(sources: Sources, tree: Tree, options: GatherOptions = {}): Promise<Gathered> {
  const parts: Part[] = [];
  for (const path of sources.paths) parts.push(await partAt(path, tree, options));
  const chart =
    sources.chart === undefined ? undefined : await renderChart(sources.chart, sources.namespace, { ...options, tree });
  const read = readManifests([...parts, ...(chart === undefined ? [] : [chart])].flatMap(({ files }) => files));
  if (read.kind === 'malformed') throw malformed(read.problems);
  const manifests = read.manifests.filter((manifest) => !isHook(manifest));
  if (manifests.length === 0 && options.passOver !== true)
    throw malformed([`${[...sources.paths, sources.chart?.chart].filter(Boolean).join(', ')}: no manifest is there`]);
  return {
    manifests,
    hooks: read.manifests.filter(isHook),
    rendered: [...parts, ...(chart === undefined ? [] : [chart])].flatMap(({ rendered }) => rendered),
  };
}

function malformed(problems: readonly string[]): ChangeError {
  return new ChangeError('LARDER_CHANGE_MANIFESTS', problems.join('\n'));
}

async function partAt(path: string, tree: Tree, options: GatherOptions): Promise<Part> {
  const kind = await tree.kindOf(path);
  if (kind === undefined && options.passOver === true) return { files: [], rendered: [] };
  if (kind === undefined) throw malformed([`${path}: there is nothing of that name ${tree.name}`]);
  if (kind === 'file') return { files: [{ path, text: await tree.text(path) }], rendered: [] };
  if (kind !== 'folder') throw malformed([`${path}: is a link or no file; name what it points to`]);
  const names = (await tree.entries(path)).map(({ name }) => name);
  if (names.some(isKustomization)) return renderKustomization(path, { ...options, tree });
  return { files: await filesBelow(path, tree), rendered: [] };
}

const isKustomization = (name: string): boolean => /^(?:kustomization\.ya?ml|Kustomization)$/.test(name);

/** All files that kubectl -R would read. What would be left out silently is refused instead. */
async function filesBelow(folder: string, tree: Tree): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const { name, kind } of await tree.entries(folder)) {
    const path = `${folder}/${name}`.replace(/^\//, '');
    if (isKustomization(name)) throw malformed([`${folder} is a kustomization: name it by itself`]);
    if (name === 'Chart.yaml') throw malformed([`${folder} is a chart: name it with --helm`]);
    if (kind === 'folder') files.push(...(await filesBelow(path, tree)));
    else if (kind === 'link') throw malformed([`${path} is a symbolic link: name what it points to`]);
    else if (kind === 'file' && /\.(?:ya?ml|json)$/.test(name)) files.push({ path, text: await tree.text(path) });
  }
  return files;
}

interface RenderOptions extends GatherOptions {
  readonly tree: Tree;
}

async function renderKustomization(path: string, { tree, signal }: RenderOptions): Promise<Part> {
  const args = ['kustomize', `./${path}`];
  return rendered(`kubectl ${args.join(' ')}`, path, () =>
    tree.onDisk((cwd) => runTool('kubectl', args, { cwd, ...(signal ? { signal } : {}) })),
  );
}

async function renderChart(
  chart: Chart,
  namespace: string,
  { tree, kubeVersion, signal }: RenderOptions,
): Promise<Part> {
  const args = [
    ...['template', chart.release, chart.chart, '--namespace', namespace, '--include-crds'],
    ...(chart.version === undefined ? [] : ['--version', chart.version]),
    ...(kubeVersion === undefined ? [] : ['--kube-version', kubeVersion]),
    ...chart.values.flatMap((file) => ['--values', file]),
  ];
  return rendered(`helm ${args.join(' ')}`, `helm:${chart.release}`, () =>
    tree.onDisk((cwd) => runTool('helm', args, { cwd, ...(signal ? { signal } : {}) })),
  );
}

async function rendered(command: string, path: string, run: () => Promise<string>): Promise<Part> {
  const text = await run();
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { files: [{ path, text }], rendered: [{ command, sha256 }] };
}
