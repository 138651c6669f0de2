/**
 * One request's dealings with webhooks. The work of the request runs in a transaction and asks through `consult`; an
 * answer that is missing ends it, is fetched here while others write, and the work runs again from the start. So what a
 * webhook saw is what is written: when somebody changed the object meanwhile, the question is another one, and is asked.
 */
import { isKubeError } from '../../kube/error.ts';
import { applyJsonPatch, sameJson } from '../../kube/patch.ts';
import { controllers } from '../access/user.ts';
import { readOptionalBody } from '../body.ts';
import type { Call } from '../call.ts';
import { decodeFor } from '../create.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { judgePolicies } from '../policy/judge.ts';
import { hasPolicies } from '../policy/policy.ts';
import { badRequest, internal, Refusal } from '../refusal.ts';
import type { Served } from '../served.ts';
import type { Reading, Store } from '../store.ts';
import { type Asked, admissionRequest, optionsFor } from './admission-review.ts';
import { type Answer, readAnswer, versionOf } from './answer.ts';
import type { Caller } from './caller.ts';
import { endpointOf } from './endpoint.ts';
import { type Hook, hasHooks, hooksOf } from './hook.ts';
import { matchHook } from './match.ts';
import type { Consult, Question } from './question.ts';
import { createReplay, type Replay } from './replay.ts';

export interface Consultation {
  /** What the request's handler works with. */
  readonly served: Served;
  /** What webhooks said to the client, each once. */
  readonly warnings: ReadonlySet<string>;
}

export interface Request {
  readonly served: Served;
  readonly call: Call;
  readonly ask: Caller;
}

/** Undefined when there is nobody to ask, which costs nothing. */
export function consultationFor(request: Request): Consultation | undefined {
  return request.call.method === 'GET' || !(hasHooks(request.served.store) || hasPolicies(request.served.store))
    ? undefined
    : new Session(request);
}

/** As `consultationFor`, for what the API does on its own, as Kubernetes' controllers would. */
export function ownConsultation(served: Served, ask: Caller): Served {
  const query = new URLSearchParams();
  const call: Call = { method: 'DELETE', path: '/', query, headers: {}, body: undefined, signal: undefined };
  return consultationFor({ served, call, ask })?.served ?? served;
}

/** Questions whose answers are missing. */
class Unanswered extends Error {
  override readonly name = 'Unanswered';
  readonly missing: readonly Missing[];
  constructor(missing: readonly Missing[]) {
    super('webhooks must be asked first');
    this.missing = missing;
  }
}

interface Missing {
  readonly key: string;
  readonly hook: Hook;
  readonly request: JsonObject;
}

/** More rounds mean that the object changes faster than webhooks answer. */
const MOST_ROUNDS = 100;

/** Connections to webhooks that one request may hold. */
const MOST_AT_ONCE = 20;

/** Invariant: `#answers` has, by hook and question, everything that was heard in this request. */
class Session implements Consultation, Consult {
  readonly served: Served;
  readonly warnings = new Set<string>();
  readonly #request: Request;
  /** The body of a delete that has one. */
  readonly #options: JsonObject | undefined;
  readonly #replay: Replay;
  readonly #answers = new Map<string, Answer>();

  constructor(request: Request) {
    this.#request = request;
    const { served, call } = request;
    this.#options = call.method === 'DELETE' ? readOptionalBody(call) : undefined;
    this.#replay = createReplay(served);
    const { clock, random } = this.#replay;
    this.served = { ...served, clock, random, consult: this, store: retrying(served.store, this.#attempt) };
  }

  readonly #attempt = async <T>(run: () => Promise<T>): Promise<T> => {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      this.#replay.rewind();
      try {
        return await run();
      } catch (cause) {
        if (!(cause instanceof Unanswered)) throw cause;
        await this.#askAll(cause.missing);
      }
    }
    throw internal('the object changes faster than its webhooks answer');
  };

  mutate(reading: Reading, question: Question & { readonly object: JsonObject }): JsonObject {
    const hooks = hooksOf(reading, 'mutating');
    const again = new Set<Hook>(); // to be asked in the second round
    const asked = new Set<Hook>();
    let { object } = question;
    for (const round of [0, 1]) {
      for (const hook of hooks) {
        if (round === 1 && !again.has(hook)) continue;
        const request = this.#requestTo(hook, reading, { ...question, object });
        if (!request) continue;
        const changed = patched(
          hook,
          { ...question, object },
          this.#answer([{ hook, request, key: keyOf(hook, request, round) }]),
        );
        if (!sameJson(changed, object)) for (const each of asked) again.add(each);
        if (hook.isReinvoked) asked.add(hook);
        object = changed;
      }
      if (again.size === 0) break;
    }
    return object;
  }

  validate(reading: Reading, ...questions: readonly Question[]): void {
    for (const phase of ['mutating', 'validating'] as const) {
      const concerned = questions
        // those that mutate are asked about a removal, too, but have nothing to change
        .filter(({ operation }) => phase === 'validating' || operation === 'DELETE')
        .flatMap((question) => hooksOf(reading, phase).map((hook) => ({ hook, question })))
        .flatMap(({ hook, question }) => {
          const request = this.#requestTo(hook, reading, question);
          return request ? [{ hook, request, key: keyOf(hook, request, 0) }] : [];
        });
      checkUnchanged(concerned, this.#answer(concerned));
      // policies have the word between those that change and those that ask
      if (phase === 'mutating') for (const question of questions) this.#judge(reading, question);
    }
  }

  #judge(reading: Reading, question: Question): void {
    if (isExempt(question)) return;
    const { catalog } = this.served;
    const versions = versionsOf(this.served, question);
    const request = admissionRequest(this.#askedAbout(question), question.target.kind.version);
    judgePolicies({ reading, question, versions, request, catalog, warn: (text) => void this.warnings.add(text) });
  }

  #askedAbout(question: Question): Asked {
    const { served, call } = this.#request;
    const options = this.#options;
    const dryRun = call.query.getAll('dryRun').includes('All') || sameJson(options?.['dryRun'], ['All']);
    const user = served.user ?? controllers;
    return { question, user, options: optionsFor(question.operation, call, options), dryRun };
  }

  /** Undefined when the webhook is not concerned. */
  #requestTo(hook: Hook, reading: Reading, question: Question): JsonObject | undefined {
    if (isExempt(question)) return undefined;
    const asked = this.#askedAbout(question);
    const own = question.target.kind.version;
    const request = admissionRequest(asked, own);
    const versions = versionsOf(this.served, question);
    const match = matchHook(hook, { reading, question, versions, request });
    if (!match) return undefined;
    if (asked.dryRun && !hook.supportsDryRun) {
      throw badRequest(`admission webhook ${JSON.stringify(hook.name)} does not support dry run`);
    }
    return match.version === own ? request : admissionRequest(asked, match.version);
  }

  /** The patches of those that allow it. @throws Unanswered, or the Refusal of the first that does not. */
  #answer(missing: readonly Missing[]): readonly Answer[] {
    const unknown = missing.filter(({ key }) => !this.#answers.has(key));
    if (unknown.length > 0) throw new Unanswered(unknown);
    return missing.map(({ hook, key }) => {
      const answer = this.#answers.get(key);
      if (answer?.kind === 'denied') throw answer.refusal;
      if (answer?.kind === 'failed' && !hook.ignoresFailures) {
        throw internal(`failed calling webhook ${JSON.stringify(hook.name)}: ${answer.reason}`);
      }
      return answer ?? { kind: 'allowed', patch: [] };
    });
  }

  async #askAll(missing: readonly Missing[]): Promise<void> {
    for (let from = 0; from < missing.length; from += MOST_AT_ONCE) {
      await Promise.all(missing.slice(from, from + MOST_AT_ONCE).map((each) => this.#ask(each)));
    }
  }

  async #ask({ hook, key, request }: Missing): Promise<void> {
    const { served, ask } = this.#request;
    const version = versionOf(hook);
    const uid = served.random.uuid();
    const endpoint = endpointOf(served.store, hook.client);
    const { timeoutSeconds } = hook;
    const url = `${endpoint.url}${new URL(endpoint.url).pathname === '/' && !endpoint.url.endsWith('/') ? '/' : ''}?timeout=${timeoutSeconds}s`;
    if (version === undefined) {
      const reason =
        'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)';
      this.#answers.set(key, { kind: 'failed', reason });
      return;
    }
    if (endpoint.kind === 'unreachable') {
      const reason = `failed to call webhook: Post ${JSON.stringify(url)}: ${endpoint.reason}`;
      this.#answers.set(key, { kind: 'failed', reason });
      return;
    }
    const body = JSON.stringify({
      kind: 'AdmissionReview',
      apiVersion: `admission.k8s.io/${version}`,
      request: { uid, ...request },
    });
    const { address } = endpoint;
    const outcome = await ask({ url, address, authority: hook.authority, body, timeoutMs: timeoutSeconds * 1000 });
    const { answer, warnings } = readAnswer(hook, uid, outcome);
    for (const warning of warnings) this.warnings.add(warning);
    this.#answers.set(key, answer);
  }
}

/** Configurations of webhooks are not the webhooks' business: one that denies everything could not be removed. */
function isExempt({ target }: Question): boolean {
  const { group, kind } = target.kind;
  return group === 'admissionregistration.k8s.io' && /^(Mutating|Validating)(Webhook|Admission)/.test(kind);
}

/** The other versions of a kind that a definition gives several. */
function versionsOf({ catalog }: Served, { target }: Question): readonly string[] {
  const { group, plural, version } = target.kind;
  const same = catalog.defined().filter((kind) => kind.group === group && kind.plural === plural);
  return same.map((kind) => kind.version).filter((each) => each !== version);
}

function keyOf({ phase, configuration, name }: Hook, request: JsonObject, round: number): string {
  return `${phase} ${configuration} ${name} ${round} ${JSON.stringify(request)}`;
}

function checkUnchanged(asked: readonly Missing[], answers: readonly Answer[]): void {
  for (const [index, { hook }] of asked.entries()) {
    const answer = answers[index];
    if (answer?.kind !== 'allowed' || answer.patch.length === 0) continue;
    const who = `admission webhook ${JSON.stringify(hook.name)}`;
    throw internal(`${who} attempted to modify the object, which is not supported for this operation`);
  }
}

function patched(
  _hook: Hook,
  question: Question & { readonly object: JsonObject },
  [answer]: readonly Answer[],
): JsonObject {
  if (answer?.kind !== 'allowed' || answer.patch.length === 0) return question.object;
  const { kind } = question.target;
  try {
    const value = toJson(applyJsonPatch(question.object, answer.patch));
    const { object } = decodeFor(kind, isObject(value) ? value : {}, 'Ignore');
    return kind.rules.defaults?.(object) ?? object;
  } catch (cause) {
    if (cause instanceof Refusal || isKubeError(cause)) throw internal(cause.message);
    throw cause;
  }
}

/** What the patch functions return is JSON, because what goes in is. */
function toJson(value: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(value ?? null));
  return json;
}

/** The same store, whose transactions are run as the session says. */
function retrying(store: Store, attempt: <T>(run: () => Promise<T>) => Promise<T>): Store {
  return {
    get: (kind, key) => store.get(kind, key),
    list: (kind, namespace) => store.list(kind, namespace),
    revision: () => store.revision(),
    since: (kind, revision) => store.since(kind, revision),
    transact: (work, options) => attempt(() => store.transact(work, options)),
    onChange: (kind, wake) => store.onChange(kind, wake),
    compact: (revision) => store.compact(revision),
    close: () => store.close(),
  };
}
