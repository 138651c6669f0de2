/** Jobs as values, for comparing the same job in two languages. */
import type { Job } from '../jobspec/job.ts';
import { type Body, type Plain, plain } from '../source/node.ts';

/** Values alone: no positions, nothing about who wrote what, labelled blocks in the order of their labels. */
export function valuesOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(valuesOf).sort(byLabel);
  if (typeof value !== 'object' || value === null) return value;
  if ('body' in value && isBody(value.body)) return freeOf(value.body);
  if ('key' in value && 'value' in value) return { key: value.key, value: value.value };
  if ('written' in value && 'value' in value) return value.value;
  if ('text' in value && 'at' in value) return value.text;
  const kept = Object.entries(value)
    .filter(([name]) => !['at', 'path', 'counted', 'item', 'node'].includes(name))
    .map(([name, inner]) => [name, valuesOf(inner)] as const)
    .filter(([, inner]) => inner !== undefined && !(Array.isArray(inner) && inner.length === 0));
  return Object.fromEntries(kept);
}

const isBody = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && 'attributes' in value && 'blocks' in value;

const labelIn = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return '';
  if ('label' in value) return String(value.label);
  return 'key' in value ? String(value.key) : '';
};
const byLabel = (one: unknown, other: unknown): number => {
  if (labelIn(one) === labelIn(other)) return 0;
  return labelIn(one) < labelIn(other) ? -1 : 1;
};

/** A plugin's own content: a block with the same name as others is an item of a list, as in the API. */
function freeOf({ attributes, blocks }: Body): Plain {
  const from = attributes.map(({ name, value }) => [name, listed(plain(value))] as const);
  const grouped = [...Map.groupBy(blocks, ({ type }) => type)].map(
    ([type, all]) =>
      [
        type,
        listed(
          all.map((block) =>
            labelled(
              block.labels.map(({ text }) => text),
              freeOf(block),
            ),
          ),
        ),
      ] as const,
  );
  return Object.fromEntries([...from, ...grouped].sort(([one], [other]) => (one < other ? -1 : 1)));
}

const labelled = (labels: readonly string[], content: Plain): Plain => {
  const [first, ...rest] = labels;
  return first === undefined ? content : { [first]: [labelled(rest, content)] };
};

/** Maps inside a map stand in lists of one, whoever wrote them. */
function listed(value: Plain): Plain {
  if (Array.isArray(value)) return value.map((item) => (isMap(item) ? inner(item) : item));
  return isMap(value) ? [inner(value)] : value;
}
const isMap = (value: Plain): value is { readonly [key: string]: Plain } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const inner = (value: { readonly [key: string]: Plain }): Plain =>
  Object.fromEntries(
    Object.entries(value)
      .map(([name, each]) => [name, listed(each)])
      .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1)),
  );

/** Policies of a job are those of its groups, and the restarts of a group those of its tasks, where these say nothing else. */
export function settled(job: Job): unknown {
  const { update, reschedule, migrate, ...rest } = job;
  const groups = rest.group.map((group) => ({
    ...group,
    update: merged(update, group.update),
    reschedule: merged(reschedule, group.reschedule),
    migrate: merged(migrate, group.migrate),
    task: group.task.map((task) => ({ ...task, restart: merged(group.restart, task.restart) })),
  }));
  return { ...rest, group: groups };
}

function merged(outer: object | undefined, own: object | undefined): object | undefined {
  if (!outer || !own) return own ?? outer;
  const said = Object.entries(own).filter(
    ([, value]) => typeof value === 'object' && value !== null && 'written' in value && value.written === true,
  );
  return { ...own, ...outer, ...Object.fromEntries(said) };
}
