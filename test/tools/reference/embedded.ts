/** The page of what the embedded API serves, from its table of kinds. */
import { groupVersion, type Kind } from '../../../src/embedded/kind.ts';
import { kinds } from '../../../src/embedded/kinds.ts';
import { code, markdownTable, page } from './markdown.ts';

export function embeddedPage(): string {
  const rows = kinds.map((kind) => [
    code(groupVersion(kind)),
    kind.kind,
    [kind.plural, ...kind.shortNames].map(code).join(' '),
    kind.namespaced ? 'namespace' : 'cluster',
    kind.subresources.map(code).join(' '),
    Object.keys(kind.fields).map(code).join(' '),
    validation(kind),
  ]);
  return page(
    'The embedded Kubernetes API',
    'What `npm start` serves instead of a cluster. It is no Kubernetes: no pod runs, nothing is scheduled but onto the one node that stands in, and no webhook is called. Kinds that are not in this table answer 404, media types 415 and fields 422, by name.',
    markdownTable(
      [
        'API',
        'Kind',
        'Names in kubectl',
        'Scope',
        'Subresources',
        'Field selectors beside name and namespace',
        'Validation',
      ],
      rows,
    ),
    '*Structure*: types, unknown fields, quantities and times are checked against the published schema and the fields that are absent are filled in as the API server does. *Structure and rules*: also what the API server validates beyond the schema, with its texts.',
  );
}

function validation({ rules }: Kind): string {
  return rules.problems === undefined && rules.updateProblems === undefined ? 'structure' : 'structure and rules';
}
