import { ofOneLine } from '../output/manifest-text.ts';
import { listOf, mapOf, textOf } from '../output/plain-value.ts';
import type { RenderedManifest, RenderedModule } from '../output/render.ts';
import { hclArguments, hclName, hclText } from './hcl-text.ts';
import { type ImageTag, imageTagOf } from './image-tag.ts';
import { requiredProvider } from './provider.ts';

/** The Terraform files of a module, by name: one resource for each manifest. */
export function moduleText(module: RenderedModule): ReadonlyMap<string, string> {
  const tag = imageTagOf(module);
  return new Map([
    ['main.tf', mainText(module, tag)],
    ['variables.tf', variablesText(module, tag)],
    ['outputs.tf', outputsText(module)],
    ['versions.tf', requiredProvider],
  ]);
}

function mainText({ file, manifests }: RenderedModule, tag: ImageTag | undefined): string {
  const named = manifests.map((manifest) => ({ manifest, label: hclName(manifest.file.replace(/\.yaml$/, '')) }));
  const labels = new Map(named.map(({ manifest, label }) => [manifest, label]));
  const blocks = named.map(({ manifest, label }) => {
    const body = bodyOf(manifest, tag);
    const place = manifest.namespace === undefined ? [] : [['override_namespace', 'var.namespace'] as const];
    const rest = [
      ['server_side_apply', 'true'] as const,
      ...(KEPT.has(manifest.kind) ? [['apply_only', 'true'] as const] : []),
      ...(PODS.has(manifest.kind) ? [['wait_for_rollout', 'false'] as const] : []),
    ];
    const after = manifests.filter((other) => comesBefore(other, manifest)).map((other) => labels.get(other) ?? '');
    const depends =
      after.length === 0
        ? ''
        : `\n  depends_on = [\n${after.map((each) => `    kubectl_manifest.${each},\n`).join('')}  ]\n`;
    return `resource "kubectl_manifest" "${label}" {\n${hclArguments([['yaml_body', body], ...place, ...rest], '  ')}${depends}}\n`;
  });
  return [
    `# Made from ${ofOneLine(file)} by \`larder nomad convert\`. MIGRATION.md says what to do before the first apply.\n`,
    ...blocks,
  ].join('\n');
}

/** The manifest's text; with the input `image_tag` where the image is in it. */
function bodyOf({ file, text }: RenderedManifest, tag: ImageTag | undefined): string {
  const read = `file("\${path.module}/manifests/${file}")`;
  if (!tag || !text.includes(tag.line)) return read;
  const line = hclText(tag.line);
  const end = tag.head.startsWith('image: "') ? '\\"\\n"' : '\\n"';
  const written = `${hclText(tag.head).slice(0, -1)}\${var.image_tag}${end}`;
  return `replace(${read}, ${line}, var.image_tag == null ? ${line} : ${written})`;
}

const FIRST = new Set(['Namespace', 'PriorityClass', 'ServiceAccount']);
const NEEDED = new Set([
  'ConfigMap',
  'Secret',
  'ExternalSecret',
  'SecretStore',
  'PersistentVolume',
  'PersistentVolumeClaim',
]);
const PODS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']);

/** Namespaces come before everything; what pods mount and read comes before the pods, so that they start once. */
function comesBefore({ kind }: RenderedManifest, other: RenderedManifest): boolean {
  if (FIRST.has(kind)) return !FIRST.has(other.kind) || (kind === 'Namespace' && other.kind !== 'Namespace');
  return NEEDED.has(kind) && PODS.has(other.kind);
}

/** What holds data, or whose end takes data with it: no `terraform destroy` removes it, and no block that is taken out. */
const KEPT = new Set(['Namespace', 'PersistentVolume', 'PersistentVolumeClaim']);

function variablesText({ namespace }: RenderedModule, tag: ImageTag | undefined): string {
  const about = tag
    ? `Tag of the image ${tag.repository}; null leaves it as the manifests have it.`
    : 'Has no effect here: the image has no tag that could be replaced.';
  return [
    variable('namespace', {
      description: 'Where the objects are. Names of other services inside the manifests keep their namespaces.',
      fallback: hclText(namespace),
      extra: ['nullable', 'false'],
    }),
    variable('image_tag', { description: about, fallback: tag?.tag === undefined ? 'null' : hclText(tag.tag) }),
  ].join('\n');
}

interface Variable {
  readonly description: string;
  readonly fallback: string;
  readonly extra?: readonly [string, string];
}

function variable(name: string, { description, fallback, extra }: Variable): string {
  const pairs: readonly (readonly [string, string])[] = [
    ['description', hclText(description)],
    ['type', 'string'],
    ['default', fallback],
    ...(extra ? [extra] : []),
  ];
  return `variable "${name}" {\n${hclArguments(pairs, '  ')}}\n`;
}

function outputsText(module: RenderedModule): string {
  const service = module.manifests.find(({ kind }) => kind === 'Service')?.name;
  const host = module.manifests.map(hostOf).find((each) => each !== undefined);
  const outputs: readonly (readonly [name: string, description: string, value: string])[] = [
    [
      'service_name',
      'Service that others reach it by; null without one.',
      service === undefined ? 'null' : hclText(service),
    ],
    ['ingress_hostname', 'Host of its first route; null without one.', host === undefined ? 'null' : hclText(host)],
    ['namespace', 'Where the objects are.', 'var.namespace'],
  ];
  return outputs
    .map(([name, description, value]) => {
      const pairs = [['description', hclText(description)] as const, ['value', value] as const];
      return `output "${name}" {\n${hclArguments(pairs, '  ')}}\n`;
    })
    .join('\n');
}

function hostOf({ kind, object }: RenderedManifest): string | undefined {
  const spec = mapOf(object['spec']);
  if (kind === 'Ingress') return textOf(mapOf(listOf(spec['rules'])[0])['host']) || undefined;
  if (kind !== 'IngressRoute') return undefined;
  return /Host\(`([^`]+)`/.exec(textOf(mapOf(listOf(spec['routes'])[0])['match']))?.[1];
}
