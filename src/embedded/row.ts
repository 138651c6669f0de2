/** A row of the table of kinds: what is published about a resource, joined with what is done here. */
import { age } from './age.ts';
import { type JsonObject, textAt } from './json.ts';
import type { Column, Kind, Subresource } from './kind.ts';
import { isSubdomain } from './names.ts';
import { published } from './published.ts';

export type Cell = Column['cell'];
/** By the name of the column. */
export type Cells = Readonly<Record<string, Cell>>;

type OwnMember =
  | 'nameRule'
  | 'counted'
  | 'counting'
  | 'deprecation'
  | 'effect'
  | 'scaling'
  | 'putCreates'
  | 'putNeedsVersion'
  | 'returnsDeleted'
  | 'fields'
  | 'unknownField'
  | 'rules';

/** What is not published. Absent = as most kinds have it. */
export interface RowParts extends Partial<Pick<Kind, OwnMember>> {
  /** By the name of the column; name, age and time of creation are known. */
  readonly cells?: Cells;
}

const SERVED: readonly Subresource[] = ['binding', 'finalize', 'scale', 'status', 'token'];

const nameOf = (object: JsonObject): string => textAt(object, 'metadata', 'name') ?? '';

const COMMON: Cells = {
  Name: nameOf,
  Age: (object, nowMs) => age(textAt(object, 'metadata', 'creationTimestamp'), nowMs),
  'Created At': (object) => textAt(object, 'metadata', 'creationTimestamp') ?? '',
};

/** @throws Error when nothing is published about the resource, or a column of it has no cell. */
export function row(groupVersion: string, plural: string, parts: RowParts = {}): Kind {
  const { cells = {}, ...rest } = parts;
  const resource = published(groupVersion, plural);
  return {
    ...resource,
    subresources: SERVED.filter((name) => resource.subresources.some((below) => below.name === name)),
    nameRule: isSubdomain,
    counted: false,
    returnsDeleted: false,
    fields: {},
    rules: {},
    ...rest,
    columns: resource.columns.map((column) => {
      const cell = cells[column.name] ?? COMMON[column.name];
      if (!cell) throw new Error(`${plural}: the column ${column.name} has no cell`);
      return { ...column, cell };
    }),
  };
}
