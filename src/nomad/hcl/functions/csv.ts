import { listValue, objectValue, stringValue } from '../value.ts';
import { type HclFunction, type Outcome, one, type Refused, refuse, text } from './hcl-function.ts';

export const csvFunctions: Readonly<Record<string, HclFunction>> = { csvdecode: one(text, decode) };

/** A list of objects; the first line names their attributes. */
function decode(written: string): Outcome {
  const rows = rowsOf(written.replaceAll('\r\n', '\n'));
  if (!Array.isArray(rows)) return rows;
  const [names, ...records] = rows;
  if (!names) return refuse('the line that names the columns is missing', 0);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return refuse(`the column ${JSON.stringify(twice)} comes twice`, 0);
  const uneven = records.findIndex((record) => record.length !== names.length);
  if (uneven >= 0) return refuse(`row ${uneven + 2} has ${records[uneven]?.length} fields, not ${names.length}`, 0);
  return listValue(
    records.map((record) => objectValue(names.map((name, index) => [name, stringValue(record[index] ?? '')]))),
  );
}

/** A field in quotes, with `""` for a quote inside, or one without any. */
const FIELD = /"((?:[^"]|"")*)"|([^",\n]*)/y;

function rowsOf(written: string): string[][] | Refused {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let at = 0; at < written.length; ) {
    // Lines without anything say nothing.
    if (row.length === 0 && written[at] === '\n') {
      at += 1;
      continue;
    }
    FIELD.lastIndex = at;
    const field = FIELD.exec(written);
    const end = FIELD.lastIndex;
    const mark = written[end];
    if (!field || (mark !== undefined && mark !== ',' && mark !== '\n'))
      return refuse(`row ${rows.length + 1} has a quote that is no part of a field`, 0);
    row.push(field[1]?.replaceAll('""', '"') ?? field[2] ?? '');
    at = end + 1;
    if (mark === ',' && at === written.length) row.push('');
    if (mark === ',' && at < written.length) continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
