/**
 * The kinds that one store serves: those of the table, and those that its CustomResourceDefinitions describe. Follows
 * the store: whoever hears that a definition was written finds its kind here.
 */
import { sameJson } from '../kube/patch.ts';
import { acceptNames } from './crd/acceptance.ts';
import { customKind } from './crd/custom-kind.ts';
import { versionsOf } from './crd/version.ts';
import { type JsonObject, objectAt, textAt } from './json.ts';
import type { Kind } from './kind.ts';
import { DEFINITIONS, findKind, kinds, shelfName } from './kinds.ts';
import type { Store } from './store.ts';

export interface Catalog {
  find(group: string, version: string, plural: string): Kind | undefined;
  /** One version of every defined kind that is stored, by what the store files its objects under. */
  stored(): ReadonlyMap<string, Kind>;
  /** What definitions add to the table, version by version. */
  defined(): readonly Kind[];
  /** Calls `wake` after every change of what is defined. Returns how to stop that. */
  onChange(wake: () => void): () => void;
  /** Stops following the store. */
  close(): void;
}

interface Defined {
  readonly served: readonly Kind[];
  /** The version in which objects are stored. */
  readonly storage: Kind | undefined;
}

interface Known {
  readonly spec: JsonObject;
  readonly names: JsonObject;
  readonly defined: Defined;
}

export function createCatalog(store: Store): Catalog {
  return new DefinedCatalog(store);
}

class DefinedCatalog implements Catalog {
  readonly #store: Store;
  readonly #stop: () => void;
  readonly #wakes = new Set<() => void>();
  /** What came of each definition, by its name, as long as it says the same. */
  #known = new Map<string, Known>();
  #byAddress: ReadonlyMap<string, Kind> = new Map();
  #stored: ReadonlyMap<string, Kind> = new Map();

  constructor(store: Store) {
    this.#store = store;
    this.#stop = store.onChange(DEFINITIONS, () => this.#follow());
    this.#follow();
  }

  find(group: string, version: string, plural: string): Kind | undefined {
    return findKind(group, version, plural) ?? this.#byAddress.get(`${group}/${version}/${plural}`);
  }

  stored(): ReadonlyMap<string, Kind> {
    return this.#stored;
  }

  defined(): readonly Kind[] {
    return [...this.#byAddress.values()];
  }

  onChange(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => void this.#wakes.delete(wake);
  }

  close(): void {
    this.#stop();
    this.#wakes.clear();
  }

  #follow(): void {
    const definitions = this.#store.list(DEFINITIONS).map(({ object }) => object);
    const known = new Map<string, Known>();
    const byAddress = new Map<string, Kind>();
    const stored = new Map<string, Kind>();
    for (const { definition, names, established } of acceptNames(definitions)) {
      if (!established) continue;
      const name = textAt(definition, 'metadata', 'name') ?? '';
      const spec = objectAt(definition, 'spec');
      const before = this.#known.get(name);
      // who watches is not disturbed by a change of the status
      const same = before && sameJson(before.spec, spec) && sameJson(before.names, names);
      const defined = same ? before.defined : define(definition, names);
      known.set(name, { spec, names, defined });
      for (const kind of defined.served) byAddress.set(`${kind.group}/${kind.version}/${kind.plural}`, kind);
      if (defined.storage) stored.set(shelfName(defined.storage), defined.storage);
    }
    this.#known = known;
    this.#byAddress = byAddress;
    this.#stored = stored;
    for (const wake of [...this.#wakes]) wake();
  }
}

function define(definition: JsonObject, names: JsonObject): Defined {
  const all = versionsOf(definition).map((version) => ({ version, kind: customKind(definition, names, version) }));
  return {
    served: all.filter(({ version }) => version.served).map(({ kind }) => kind),
    storage: all.find(({ version }) => version.storage)?.kind,
  };
}

/** All kinds whose objects are filed, those of the table and those that are defined. */
export function storedKinds(catalog: Catalog): readonly Kind[] {
  return [...kinds, ...catalog.stored().values()];
}

/** What a definition is filed under says what its objects are filed under. */
export function shelfOf(definition: JsonObject): string {
  const group = textAt(definition, 'spec', 'group') ?? '';
  return shelfName({ group, plural: textAt(objectAt(definition, 'spec', 'names'), 'plural') ?? '' });
}
