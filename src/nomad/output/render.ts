import type { Item } from '../jobspec/field.ts';
import type { Plain } from '../source/node.ts';
import { assemble } from '../translate/assemble.ts';
import type { ModuleDraft } from '../translate/draft.ts';
import { bare, settle } from '../translate/sourced.ts';
import { manifestText } from './manifest-text.ts';
import { mapOf, textOf } from './plain-value.ts';
import { withhold } from './withhold.ts';

/** A module as it is written, without its Terraform. */
export interface RenderedModule {
  readonly name: string;
  /** Where the job stands, and what it calls itself. */
  readonly file: string;
  readonly job: string;
  readonly namespace: string;
  /** `modules-k8s/web` */
  readonly folder: string;
  readonly manifests: readonly RenderedManifest[];
}

export interface RenderedManifest {
  /** Below `manifests/`. */
  readonly file: string;
  /** From the root of the output. */
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  /** Absent for kinds that live in none. */
  readonly namespace?: string;
  readonly object: { readonly [key: string]: Plain };
  readonly text: string;
  readonly links: readonly Link[];
  /** Lines where a secret would stand. */
  readonly withheld: readonly Place[];
}

export interface Place {
  readonly line: number;
  readonly items: readonly Item[];
}

/** A line of the output that an item of the input became. */
export interface Link {
  readonly item: Item;
  readonly path: string;
  readonly line: number;
  /** JSON pointer into the manifest. */
  readonly pointer: string;
}

export const MODULES = 'modules-k8s';

export interface RenderSettings {
  readonly environment: string;
  /** Values that no manifest may hold. */
  readonly secrets: readonly string[];
}

export function render(module: ModuleDraft, { environment, secrets }: RenderSettings): RenderedModule {
  const folder = `${MODULES}/${module.name}`;
  const manifests = assemble(module, { environment }).map(({ file, object }): RenderedManifest => {
    const path = `${folder}/manifests/${file}`;
    const settled = settle(object);
    const { origins } = settled;
    const kind = textOf(mapOf(settled.value)['kind']);
    const { value, withheld } = withhold(settled, { kind, secrets });
    const map = mapOf(value);
    const { text, lines } = manifestText(map, [`From ${module.file}, job ${JSON.stringify(module.job.label.text)}.`]);
    const links = origins.flatMap(({ pointer, items }) => {
      const line = lines.get(pointer) ?? 1;
      return items.map((item): Link => ({ item, path, line, pointer }));
    });
    const { name, namespace } = mapOf(map['metadata']);
    return {
      file,
      path,
      kind,
      name: textOf(name),
      ...(typeof namespace === 'string' ? { namespace } : {}),
      object: map,
      text,
      links,
      withheld: withheld.map(({ pointer, items }): Place => ({ line: lines.get(pointer) ?? 1, items })),
    };
  });
  const { name, file, job } = module;
  return { name, file, job: job.label.text, namespace: bare(module.namespace), folder, manifests };
}
