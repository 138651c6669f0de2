import type { ReactNode } from 'react';

/** The data of a record as names and values, whatever is in it. */
export function Fields({ value }: { readonly value: unknown }): ReactNode {
  if (typeof value !== 'object' || value === null) return <p className="break">{String(value)}</p>;
  return (
    <dl className="fields-list">
      {Object.entries(value).map(([name, each]) => (
        <div key={name}>
          <dt>{nameWords(name)}</dt>
          <dd className="break">
            <Value value={each} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { readonly value: unknown }): ReactNode {
  if (typeof value === 'string') return value === '' ? '—' : value;
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value) && value.length === 0) return '—';
  if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value.join(', ');
  const rows = rowsOf(value);
  return rows ? <Rows rows={rows} /> : <pre className="log">{JSON.stringify(value, undefined, 2)}</pre>;
}

type Row = Readonly<Record<string, unknown>>;

/** Undefined: it is no list of plain things with the same kind of fields. */
function rowsOf(value: unknown): readonly Row[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const rows: readonly unknown[] = value;
  const isPlain = (each: unknown): boolean =>
    typeof each === 'object' &&
    each !== null &&
    Object.values(each).every((field) => typeof field !== 'object' || field === null);
  return rows.every(isPlain) ? rows.map((each) => ({ ...Object(each) })) : undefined;
}

/** Each on a line: an object by its name, whatever else by its fields. */
function Rows({ rows }: { readonly rows: readonly Row[] }): ReactNode {
  return (
    <ul className="field-rows">
      {rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a record never change
        <li key={index}>{rowText(row)}</li>
      ))}
    </ul>
  );
}

function rowText({ kind, namespace, name, ...rest }: Row): ReactNode {
  const fields = Object.entries(rest).map(([field, value]) => `${nameWords(field)} ${String(value)}`);
  if (typeof kind !== 'string' || typeof name !== 'string') {
    const named = Object.entries({ kind, namespace, name }).filter(([, value]) => value !== undefined);
    return [...named.map(([field, value]) => `${field} ${String(value)}`), ...fields].join(' · ');
  }
  return (
    <>
      {kind} {typeof namespace === 'string' && namespace !== '' ? `${namespace}/` : ''}
      {name} <span className="quiet">{fields.join(' · ')}</span>
    </>
  );
}

/** `manifestHash` → `manifest hash`. */
function nameWords(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
