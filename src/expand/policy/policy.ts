/**
 * Who decides what about a claim: every setting is taken, field by field, from the nearest place that says something,
 * and keeps the name of that place. Growth happens only where a place asked for it, and an `enabled: "false"` on the
 * claim, its namespace or its class cannot be overruled by a policy or a group.
 */
import type { Field, Fields, SettingName, Settings } from '../settings/settings.ts';
import { settingKeys } from '../settings/settings.ts';

/** Nearest first. */
export type Level =
  | 'claim'
  | 'group'
  | 'policy-by-name'
  | 'policy-by-selector'
  | 'namespace'
  | 'class'
  | 'configuration'
  | 'built-in';

export interface Source {
  readonly level: Level;
  /** As a user reads it, for example `annotation` or `namespace default`. */
  readonly label: string;
}

export interface Layer {
  readonly source: Source;
  readonly fields: Fields;
  /** What cannot be read of the place itself, whatever its fields say: the claim then fails closed. */
  readonly broken?: readonly Broken[];
}

/** A value that cannot be read. */
export interface Broken {
  /** The key as the user wrote it, for example `min-scale-up` or `spec.selector`. */
  readonly field: string;
  readonly value: string;
  /** The accepted form. */
  readonly reason: string;
}

/** Where settings for one claim may come from; absent = there is no such object. */
export interface Places {
  readonly claim: Layer;
  readonly group?: Layer | undefined;
  readonly policyByName?: Layer | undefined;
  /** All that match, in any order. */
  readonly policiesBySelector?: readonly (Layer & { readonly priority: number; readonly name: string })[];
  readonly namespace?: Layer | undefined;
  readonly class?: Layer | undefined;
  /** What was configured and, last, what is built in. */
  readonly configuration: readonly Layer[];
}

export interface Resolved<T> {
  readonly value: T;
  readonly source: Source;
}

/** What must have a value (the built-in layer gives one), and what may stay unsaid. */
export type ResolvedSettings = {
  readonly [Name in Exclude<SettingName, 'enabled' | Unsaid>]: Resolved<Settings[Name]>;
} & { readonly [Name in Unsaid]: Resolved<Settings[Name]> | undefined };
type Unsaid =
  | 'policy'
  | 'group'
  | 'maxStep'
  | 'fullWithin'
  | 'initialSize'
  | 'window'
  | 'approvalAbove'
  | 'snapshotAbove'
  | 'provider'
  | 'volumeType';

interface Problem extends Broken {
  readonly source: Source;
}

type Management =
  | { readonly kind: 'managed'; readonly source: Source }
  | { readonly kind: 'unmanaged'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly problem: Problem };

export interface Resolution {
  readonly management: Management;
  readonly settings: ResolvedSettings;
  /** Values in effect that cannot be read. Not empty: the claim fails closed; `settings` shows what lies below them. */
  readonly problems: readonly Problem[];
}

/** The places in order of strength. Of several matching policies the higher priority is stronger, then the lesser name. */
export function layersOf(places: Places): readonly Layer[] {
  const bySelector = [...(places.policiesBySelector ?? [])].sort(
    (a, b) => b.priority - a.priority || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const ordered = [places.claim, places.group, places.policyByName, ...bySelector, places.namespace, places.class];
  return [...ordered.filter((layer) => layer !== undefined), ...places.configuration];
}

/** `layers` must end with one that has every field that settings need, as `configurationLayers` makes it. */
export function resolvePolicy(layers: readonly Layer[]): Resolution {
  const problems: Problem[] = layers.flatMap(({ broken = [], source }) =>
    broken.map((each) => ({ ...each, value: shortened(each.value), source })),
  );
  const pick = <Name extends SettingName>(name: Name): Resolved<Settings[Name]> | undefined => {
    for (const { fields, source } of layers) {
      const field = fields[name];
      if (!field) continue;
      if (field.ok) return { value: field.value, source };
      problems.push(problemOf(name, field, source));
    }
    return undefined;
  };
  const need = <Name extends SettingName>(name: Name): Resolved<Settings[Name]> => {
    const found = pick(name);
    if (!found) throw new TypeError(`no layer has a value for ${name}`);
    return found;
  };
  const settings: ResolvedSettings = {
    policy: pick('policy'),
    group: pick('group'),
    threshold: need('threshold'),
    inodesThreshold: need('inodesThreshold'),
    increase: need('increase'),
    minScaleUp: need('minScaleUp'),
    maxStep: pick('maxStep'),
    maxSize: need('maxSize'),
    cooldown: need('cooldown'),
    fullWithin: pick('fullWithin'),
    initialSize: pick('initialSize'),
    window: pick('window'),
    approvalAbove: pick('approvalAbove'),
    snapshotAbove: pick('snapshotAbove'),
    provider: pick('provider'),
    volumeType: pick('volumeType'),
  };
  return { management: manage(layers), settings, problems };
}

/** Where whoever owns the claim or what it stands on speaks. */
const OWN: readonly Level[] = ['claim', 'namespace', 'class'];

/**
 * A "false" of the claim, its namespace or its class beats every policy and group, and so does what cannot be read there,
 * because it may have been meant as one. Among the rest the nearest place decides.
 */
function manage(layers: readonly Layer[]): Management {
  const own = layers.filter(({ source }) => OWN.includes(source.level));
  const vetoed = own.some(({ fields: { enabled } }) => enabled && !(enabled.ok && enabled.value));
  for (const { fields, source } of vetoed ? own : layers) {
    if (!fields.enabled) continue;
    if (!fields.enabled.ok) return { kind: 'invalid', problem: problemOf('enabled', fields.enabled, source) };
    if (fields.enabled.value) return { kind: 'managed', source };
    return { kind: 'unmanaged', reason: `enabled is "false" (${source.label})` };
  }
  return { kind: 'unmanaged', reason: 'nothing enables it: set annotation pvc-chonker.io/enabled: "true"' };
}

function problemOf(name: SettingName, field: Field<unknown>, source: Source): Problem {
  const value = shortened(field.text);
  return { field: field.key ?? settingKeys[name], value, reason: field.ok ? '' : field.reason, source };
}

const SHOWN = 80;

/** An annotation may have a quarter of a megabyte, of which a person needs the beginning. */
function shortened(value: string): string {
  const characters = Array.from(value.slice(0, 2 * SHOWN));
  return value.length <= SHOWN ? value : `${characters.slice(0, SHOWN).join('')}… (${value.length} characters)`;
}

/** The sources that also said something about a field and lost, strongest first; for `explain`. */
export function overruled(layers: readonly Layer[], name: SettingName): readonly Source[] {
  return layers
    .filter(({ fields }) => fields[name] !== undefined)
    .map(({ source }) => source)
    .slice(1);
}
