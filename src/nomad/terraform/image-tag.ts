import { listOf, mapOf, textOf } from '../output/plain-value.ts';
import type { RenderedManifest, RenderedModule } from '../output/render.ts';
import type { Plain } from '../source/node.ts';

/** What the input `image_tag` changes: the image of the first container of the module's first workload. */
export interface ImageTag {
  /** `docker.io/library/nginx` */
  readonly repository: string;
  /** Of the manifests; undefined where the image has none, or is pinned by its digest alone. */
  readonly tag?: string;
  /** The whole line of a manifest, without its indentation, and the same up to the tag. */
  readonly line: string;
  readonly head: string;
}

export function imageTagOf({ manifests }: RenderedModule): ImageTag | undefined {
  const image = manifests.flatMap(imagesOf)[0];
  const parts = /^((?:[^/@:]+(?::\d+)?\/)?[^@:]+)(?::([^@]+(?:@.*)?))?$/.exec(image ?? '');
  const [, repository, tag] = parts ?? [];
  if (image === undefined || repository === undefined || /[\s"\\${}]/.test(image)) return undefined;
  const quote = manifests.some(({ text }) => text.includes(`image: ${image}\n`)) ? '' : '"';
  const line = `image: ${quote}${image}${quote}\n`;
  return { repository, line, head: `image: ${quote}${repository}:`, ...(tag === undefined ? {} : { tag }) };
}

/** Of the containers of a workload, in their order. */
function imagesOf({ kind, object }: RenderedManifest): readonly string[] {
  return listOf(podSpecOf(kind, object)['containers'])
    .map((container) => textOf(mapOf(container)['image']))
    .filter((image) => image !== '');
}

const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']);

/** The pod's spec of a workload; empty for other kinds. */
function podSpecOf(kind: string, object: { readonly [key: string]: Plain }): { readonly [key: string]: Plain } {
  if (!WORKLOADS.has(kind)) return {};
  const spec = mapOf(object['spec']);
  const job = kind === 'CronJob' ? mapOf(mapOf(spec['jobTemplate'])['spec']) : spec;
  return mapOf(mapOf(job['template'])['spec']);
}
