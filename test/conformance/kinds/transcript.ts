/** What a server answers to everything that is done with a kind, without what differs from run to run. */
import type { Answer, Api } from '../target.ts';
import type { KindCase, Sample } from './kind-case.ts';

type Parsed = Answer['json'];

/** Step → what came back. */
export type Transcript = Readonly<Record<string, Parsed>>;

export interface Run {
  readonly api: Pick<Api, 'call'>;
  readonly namespace: string;
  /** Part of the names of objects that are in no namespace. */
  readonly word: string;
}

const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
/** A job that is deleted without it waits for somebody to let its pods go. */
const BACKGROUND = '?propagationPolicy=Background';
const TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

interface Step {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: string;
  readonly below?: string;
  readonly body?: Sample;
  readonly type?: keyof typeof TYPES;
  readonly accept?: string;
}

export async function transcribe(run: Run, subject: string, kindCase: KindCase): Promise<Transcript> {
  const teller = createTeller(run, subject, kindCase);
  const { sample, variants = {}, wrong = {}, wrongChanges = {}, lists = [] } = kindCase;
  await teller.collection('created', { method: 'POST', body: sample });
  await teller.collection('created again', { method: 'POST', body: sample });
  await teller.item('read as a row', { accept: TABLE });
  for (const [what, variant] of Object.entries(variants)) await teller.passing(what, variant);
  await changes(teller, kindCase);
  for (const [what, body] of Object.entries(wrong)) await teller.collection(`wrong ${what}`, { method: 'POST', body });
  for (const [what, body] of Object.entries(wrongChanges)) {
    await teller.item(`wrong change ${what}`, { method: 'PATCH', type: 'merge', body });
  }
  for (const query of lists) await teller.collection(`list ${query}`, { query });
  await teller.item('an unknown subresource', { below: '/nothing' });
  await teller.item('read at the end', {});
  await teller.item('removed', { method: 'DELETE', query: BACKGROUND });
  return teller.told;
}

async function changes(
  teller: Teller,
  { merge, strategic, applied, status, replicas, sample, replacement = sample }: KindCase,
) {
  const change = async (what: string, type: keyof typeof TYPES, body: Sample | undefined, more: Step = {}) => {
    if (body) await teller.item(what, { method: 'PATCH', type, body, ...more });
  };
  await change('merged', 'merge', merge);
  await change('merged again', 'merge', merge);
  await change('merged strategically', 'strategic', strategic);
  await change('applied by a second manager', 'apply', applied, { query: '?fieldManager=second' });
  await change('applied again by a second manager', 'apply', applied, { query: '?fieldManager=second' });
  await change('status changed', 'merge', status, { below: '/status' });
  await change('status sent elsewhere', 'merge', status);
  if (replicas !== undefined) {
    await teller.item('scale', { below: '/scale' });
    await change('scaled', 'merge', { spec: { replicas } }, { below: '/scale' });
    await change('scaled to less than nothing', 'merge', { spec: { replicas: -1 } }, { below: '/scale' });
  }
  await teller.item('replaced', { method: 'PUT', body: replacement });
}

interface Teller {
  readonly told: Record<string, Parsed>;
  collection(what: string, step: Step): Promise<void>;
  item(what: string, step: Step): Promise<void>;
  /** Made and removed. */
  passing(what: string, sample: Sample): Promise<void>;
}

function createTeller({ api, namespace, word }: Run, subject: string, kindCase: KindCase): Teller {
  const told: Record<string, Parsed> = {};
  const place = (text: string): string => text.replaceAll('NS', namespace).replaceAll('RUN', word);
  const unplace = (text: string): string =>
    text.replaceAll(namespace, 'NS').replaceAll(word, 'RUN').replaceAll(UUID, 'UID');
  const path = place(kindCase.path);
  const name = `${subject}-${word}`;
  const versions = new Map<string, string>();
  const send = (address: string, { method = 'GET', body, type, accept, query = '' }: Step): Promise<Answer> =>
    api.call(`${address}${query}`, {
      method,
      body: body && JSON.parse(place(JSON.stringify(body))),
      headers: { ...(type && { 'content-type': TYPES[type] }), ...(accept && { accept }) },
    });
  const tell = (what: string, { status, text }: Answer): void => {
    const json: Parsed = JSON.parse(unplace(text));
    const sent = kindCase.status?.['status'] ?? {};
    const chance = { versions, managed: kindCase.managed === true, what, sent, made: status === 201 };
    told[what] = { status, body: withoutChance(json, chance) };
  };
  const named = (sample: Sample, other = name): Sample => ({
    ...sample,
    metadata: { name: other, ...sample.metadata },
  });
  return {
    told,
    async collection(what, step) {
      tell(what, await send(path, step.body ? { ...step, body: named(step.body) } : step));
    },
    async item(what, step) {
      const body = step.method === 'PUT' && step.body ? named(step.body) : step.body;
      const applied = step.type === 'apply' && body ? { body: { ...typeOf(told), ...body } } : {};
      tell(what, await send(`${path}/${name}${step.below ?? ''}`, { ...step, ...(body && { body }), ...applied }));
    },
    async passing(what, sample) {
      const body = named(sample, `${name}-${Object.keys(told).length}`);
      const answer = await send(path, { method: 'POST', body });
      tell(what, answer);
      await send(`${path}/${answer.json.metadata?.name}`, { method: 'DELETE', query: BACKGROUND });
    },
  };
}

/** An apply says what it is about. */
function typeOf(told: Transcript): object {
  const { kind, apiVersion } = told['created'].body;
  return { kind, apiVersion };
}

/** An answer that depends on nothing but what was asked. */
export function plainAnswer({ status, text }: Answer): Parsed {
  const json: Parsed = JSON.parse(text.replaceAll(UUID, 'UID'));
  return { status, body: withoutChance(json, { versions: new Map(), managed: false, what: '', sent: {}, made: true }) };
}

interface Chance {
  /** Resource version → the order in which it was met. */
  readonly versions: Map<string, string>;
  readonly managed: boolean;
  readonly what: string;
  /** The status that the suite sends. */
  readonly sent: Parsed;
  /** The object is new: nobody else can have seen it. */
  readonly made: boolean;
}

function withoutChance(body: Parsed, chance: Chance): Parsed {
  if (body?.kind === 'Table') return plainTable(body, chance);
  if (Array.isArray(body?.items)) return { kind: body.kind, items: body.items.length };
  return JSON.parse(JSON.stringify(plainObject(body, chance)), plainMember);
}

function plainTable({ columnDefinitions, rows }: Parsed, { managed }: Chance): Parsed {
  return {
    columnDefinitions,
    rows: rows.map(({ cells }: Parsed) =>
      cells.map((cell: Parsed, index: number) => {
        const { name } = columnDefinitions[index];
        return managed && name === 'Status' ? 'STATUS' : plainCell(name, cell);
      }),
    ),
  };
}

function plainCell(column: string, cell: Parsed): Parsed {
  if (column === 'Age' || column === 'Created At') return typeof cell === 'string' && cell !== '' ? 'TIME' : cell;
  return column === 'Cluster-IP' && /^[\d.]+$/.test(cell) ? 'IP' : cell;
}

function plainObject(body: Parsed, { versions, managed, what, sent, made }: Chance): Parsed {
  if (body?.kind === 'Status' || !body?.metadata) return body;
  const { resourceVersion, managedFields, annotations, ...metadata } = body.metadata;
  const version = versions.get(resourceVersion) ?? `version ${versions.size + 1}`;
  versions.set(resourceVersion, version);
  const shown = what === 'status changed';
  const { 'deployment.kubernetes.io/revision': _, ...notes } = annotations ?? {};
  return {
    ...body,
    metadata: {
      ...metadata,
      ...(Object.keys(notes).length > 0 && { annotations: notes }),
      ...(!managed && { resourceVersion: version }),
      ...(managedFields && { managedFields: plainManagers(managedFields, managed) }),
    },
    ...(managed && !made && 'status' in body && { status: shown ? plainStatus(body.status, sent) : 'STATUS' }),
  };
}

/** Only what was sent: a controller adds more. */
function plainStatus(status: Parsed, sent: Parsed): Parsed {
  return Object.fromEntries(Object.keys(sent).map((name) => [name, status[name]]));
}

/** In an order that does not depend on the second in which each wrote; without the controllers of a cluster. */
function plainManagers(managedFields: Parsed, managed: boolean): Parsed {
  const keyOf = ({ manager, operation, subresource = '' }: Parsed): string => `${manager} ${operation} ${subresource}`;
  return managedFields
    .filter(({ manager }: Parsed) => manager !== 'kube-controller-manager')
    .filter(({ subresource }: Parsed) => !managed || subresource !== 'status')
    .sort((left: Parsed, right: Parsed) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

const TIMES = new Set(['creationTimestamp', 'deletionTimestamp', 'time']);
const NUMBERS = new Set(['nodePort', 'healthCheckNodePort']);

function plainMember(this: Parsed, name: string, value: Parsed): Parsed {
  if (typeof value === 'string') {
    // what follows is a comparison of structures that only the server itself has
    if (name === 'message') return value.split('\n@@')[0];
    if (TIMES.has(name)) return 'TIME';
    if (/^10\.\d+\.\d+\.\d+$/.test(value) && (name === 'clusterIP' || name === '0')) return 'IP';
  }
  return NUMBERS.has(name) && typeof value === 'number' ? 'PORT' : value;
}
