/** What is wrong with a definition (k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation, read in 0.36). */
import { duplicate, type FieldProblem, forbiddenField, invalidValue, notSupported, required } from '../field.ts';
import { isObject, type Json, type JsonObject, listAt, member, objectAt, textAt, textsAt } from '../json.ts';
import { isDns1035Label, isSubdomain } from '../names.ts';
import { schemaProblems } from './schema-problems.ts';
import { selectableFieldProblems } from './selectable-field.ts';
import { type Part, partsOf, type Version, versionsOf } from './version.ts';

export function definitionProblems(definition: JsonObject): readonly FieldProblem[] {
  const spec = objectAt(definition, 'spec');
  const versions = versionsOf(definition);
  return [
    ...nameProblems(definition),
    ...approvalProblems(definition),
    ...groupProblems(textAt(spec, 'group') ?? ''),
    ...scopeProblems(textAt(spec, 'scope') ?? ''),
    ...versionProblems(spec, versions),
    ...conversionProblems(spec),
    ...spellingProblems(objectAt(spec, 'names')),
    ...storedProblems(definition, versions),
    ...(spec['preserveUnknownFields'] === true ? [invalidValue('spec.preserveUnknownFields', true, PRESERVE)] : []),
  ];
}

const PRESERVE =
  'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';

function nameProblems(definition: JsonObject): readonly FieldProblem[] {
  const name = textAt(definition, 'metadata', 'name') ?? '';
  const wanted = `${textAt(definition, 'spec', 'names', 'plural') ?? ''}.${textAt(definition, 'spec', 'group') ?? ''}`;
  if (name === wanted || name === '') return [];
  return [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')];
}

const APPROVAL = 'api-approved.kubernetes.io';

/** Groups of Kubernetes itself. */
function approvalProblems(definition: JsonObject): readonly FieldProblem[] {
  const group = textAt(definition, 'spec', 'group') ?? '';
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return [];
  const field = `metadata.annotations[${APPROVAL}]`;
  const given = textAt(definition, 'metadata', 'annotations', APPROVAL) ?? '';
  if (given === '') {
    const text = `protected groups must have approval annotation "${APPROVAL}", see https://github.com/kubernetes/enhancements/pull/1111`;
    return [required(field, text)];
  }
  if (given.startsWith('unapproved') || URL.canParse(given)) return [];
  const text = `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`;
  return [invalidValue(field, given, text)];
}

function groupProblems(group: string): readonly FieldProblem[] {
  if (group === '') return [required('spec.group')];
  const wrong = isSubdomain(group).map((text) => invalidValue('spec.group', group, text));
  if (wrong.length > 0 || group.includes('.')) return wrong;
  return [invalidValue('spec.group', group, 'should be a domain with at least one dot')];
}

function scopeProblems(scope: string): readonly FieldProblem[] {
  if (scope === '') return [required('spec.scope')];
  return ['Cluster', 'Namespaced'].includes(scope)
    ? []
    : [notSupported('spec.scope', scope, ['Cluster', 'Namespaced'])];
}

function versionProblems(spec: JsonObject, versions: readonly Version[]): readonly FieldProblem[] {
  const field = 'spec.versions';
  const written = isWritten(spec) ? versions.map(describe) : null;
  const problems: FieldProblem[] = versions.flatMap(({ name }, index) => [
    ...isDns1035Label(name).map((text) => invalidValue(`${field}[${index}].name`, name, text)),
  ]);
  if (new Set(versions.map(({ name }) => name)).size !== versions.length) {
    problems.push(invalidValue(field, written, 'must contain unique version names'));
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    problems.push(invalidValue(field, written, 'must have exactly one version marked as storage version'));
  }
  const [first] = versions;
  if (first) problems.push(...isDns1035Label(first.name).map((text) => invalidValue('spec.version', first.name, text)));
  return [...problems, ...contentProblems(versions)];
}

function isWritten(spec: JsonObject): boolean {
  return member(spec, 'versions') !== undefined;
}

/** As the API server writes its own form of a version into messages. */
function describe({ name, served, storage, value }: Version): JsonObject {
  const warning = textAt(value, 'deprecationWarning') ?? null;
  return {
    Name: name,
    Served: served,
    Storage: storage,
    Deprecated: value['deprecated'] === true,
    DeprecationWarning: warning,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  };
}

function contentProblems(versions: readonly Version[]): readonly FieldProblem[] {
  if (versions.length === 0) return [];
  const lacking = versions.flatMap(({ value }, index) =>
    isObject(objectAt(value, 'schema')['openAPIV3Schema'])
      ? []
      : [required(`spec.versions[${index}].schema.openAPIV3Schema`)],
  );
  const schemas = partsOf(versions, 'schema', 'spec.validation');
  const withStatus = versions.some(({ value }) => isObject(objectAt(value, 'subresources')['status']));
  return [
    ...lacking,
    ...(lacking.length > 0
      ? []
      : schemas.flatMap(({ path, value }) => {
          return schemaProblems(objectAt(value, 'openAPIV3Schema'), `${path}.openAPIV3Schema`, withStatus);
        })),
    ...partsOf(versions, 'subresources', 'spec.subresources').flatMap(scaleProblems),
    ...partsOf(versions, 'additionalPrinterColumns', 'spec.additionalPrinterColumns').flatMap(columnProblems),
    ...selectable(versions),
  ];
}

function selectable(versions: readonly Version[]): readonly FieldProblem[] {
  const parts = partsOf(versions, 'selectableFields', 'spec.selectableFields');
  return parts.flatMap(({ path, value }, index) => {
    const schema = objectAt(versions[index]?.value, 'schema', 'openAPIV3Schema');
    return selectableFieldProblems(listAt({ value: value ?? null }, 'value'), schema, path);
  });
}

const SIMPLE = /^\.\w[\w.-]*$/;

function scaleProblems({ path, value }: Part): readonly FieldProblem[] {
  const scale = member(value, 'scale');
  if (!isObject(scale)) return [];
  const place = (name: string, root: string, needed: boolean): readonly FieldProblem[] => {
    const field = `${path}.scale.${name}`;
    const text = textAt(scale, name) ?? '';
    if (text === '') return needed ? [required(field)] : [];
    if (!SIMPLE.test(text)) return [invalidValue(field, text, 'must be a simple json path starting with .')];
    return text.startsWith(`${root}.`) ? [] : [invalidValue(field, text, `should be a json path under ${root}`)];
  };
  const selector = textAt(scale, 'labelSelectorPath') ?? '';
  const under = selector.startsWith('.spec.') ? '.spec' : '.status';
  return [
    ...place('specReplicasPath', '.spec', true),
    ...place('statusReplicasPath', '.status', true),
    ...place('labelSelectorPath', under, false),
  ];
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function columnProblems({ path, value }: Part): readonly FieldProblem[] {
  return listAt({ value: value ?? null }, 'value').flatMap((column, index) => {
    const field = `${path}[${index}]`;
    const [name = '', type = ''] = [textAt(column, 'name'), textAt(column, 'type')];
    const [format = '', jsonPath = ''] = [textAt(column, 'format'), textAt(column, 'jsonPath')];
    const types = `must be one of ${COLUMN_TYPES.join(',')}`;
    const problems: FieldProblem[] = [];
    if (name === '') problems.push(required(`${field}.name`));
    if (type === '') problems.push(required(`${field}.type`, types));
    else if (!COLUMN_TYPES.includes(type)) problems.push(invalidValue(`${field}.type`, type, types));
    if (format !== '' && !COLUMN_FORMATS.includes(format)) {
      problems.push(invalidValue(`${field}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    }
    if (jsonPath === '') problems.push(required(`${field}.JSONPath`));
    else if (!jsonPath.startsWith('.')) {
      problems.push(invalidValue(`${field}.JSONPath`, jsonPath, 'must be a simple json path starting with .'));
    }
    return problems;
  });
}

function conversionProblems(spec: JsonObject): readonly FieldProblem[] {
  const conversion = objectAt(spec, 'conversion');
  const strategy = textAt(conversion, 'strategy') ?? '';
  const webhook = objectAt(conversion, 'webhook');
  const reviews = textsAt(webhook, 'conversionReviewVersions');
  if (strategy === '') return [required('spec.conversion.strategy')];
  if (strategy === 'Webhook') return webhookProblems(webhook, reviews);
  if (strategy !== 'None') return [notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook'])];
  const text = 'should not be set when strategy is not set to Webhook';
  return [
    ...(isObject(member(webhook, 'clientConfig')) ? [forbiddenField('spec.conversion.webhookClientConfig', text)] : []),
    ...(reviews.length > 0 ? [forbiddenField('spec.conversion.conversionReviewVersions', text)] : []),
  ];
}

function webhookProblems(webhook: JsonObject, reviews: readonly string[]): readonly FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!isObject(member(webhook, 'clientConfig'))) {
    problems.push(required('spec.conversion.webhookClientConfig', 'required when strategy is set to Webhook'));
  }
  if (reviews.length === 0) problems.push(required('spec.conversion.conversionReviewVersions'));
  return problems;
}

/** The names by which the kind is spelled. */
function spellingProblems(names: JsonObject): readonly FieldProblem[] {
  const [kind, listKind] = [textAt(names, 'kind') ?? '', textAt(names, 'listKind') ?? ''];
  const same =
    kind !== '' && kind === listKind
      ? [invalidValue('spec.names.listKind', listKind, 'kind and listKind may not be the same')]
      : [];
  return [
    ...['plural', 'singular'].flatMap((name) => labelProblems(`spec.names.${name}`, member(names, name))),
    ...['kind', 'listKind'].flatMap((name) => kindProblems(`spec.names.${name}`, textAt(names, name) ?? '')),
    ...same,
    ...['shortNames', 'categories'].flatMap((name) =>
      listAt(names, name).flatMap((text, index) => labelProblems(`spec.names.${name}[${index}]`, text)),
    ),
  ];
}

function labelProblems(field: string, value: Json | undefined): readonly FieldProblem[] {
  if (typeof value !== 'string' || value === '') return [required(field)];
  return isDns1035Label(value).map((text) => invalidValue(field, value, text));
}

function kindProblems(field: string, kind: string): readonly FieldProblem[] {
  if (kind === '') return [required(field)];
  return isDns1035Label(kind.toLowerCase()).map((text) =>
    invalidValue(field, kind, `may have mixed case, but should otherwise match: ${text}`),
  );
}

function storedProblems(definition: JsonObject, versions: readonly Version[]): readonly FieldProblem[] {
  const field = 'status.storedVersions';
  const stored = textsAt(definition, 'status', 'storedVersions');
  if (stored.length === 0) return [invalidValue(field, null, 'must have at least one stored version')];
  const problems: FieldProblem[] = [];
  const last = versions.findLast(({ storage }) => storage);
  if (last && !stored.includes(last.name)) {
    problems.push(invalidValue(field, [...stored], `must have the storage version ${last.name}`));
  }
  for (const [index, name] of stored.entries()) {
    if (!versions.some((version) => version.name === name)) {
      problems.push(
        invalidValue(
          `${field}[${index}]`,
          name,
          'missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions'.replaceAll(
            'v1',
            name,
          ),
        ),
      );
    }
    if (stored.indexOf(name) !== index) problems.push(duplicate(`${field}[${index}]`, name));
  }
  return problems;
}
