/**
 * Keeps the webhook's certificate: reads the Secret and what the webhooks trust, decides, and writes one thing at a time.
 * All replicas do so, leader or not, because each serves; a write carries the version that was read, and who is second
 * reads again.
 */

import { makeAuthority, type ServerName, signServer, type Validity, validityOf } from '../../kube/certificate.ts';
import type { Client } from '../../kube/client.ts';
import { errorOfResponse, isKubeError } from '../../kube/error.ts';
import { ifThere } from '../../kube/if-there.ts';
import { kinds, type Secret } from '../../kube/kinds.ts';
import type { ObjectName } from '../../kube/object.ts';
import { pathOf } from '../../kube/resource.ts';
import type { ServingCertificate } from '../../kube/webhook.ts';
import {
  bundlesOf,
  hostsOf,
  type WebhookConfiguration,
  webhookConfigurations,
  withBundle,
} from '../../kube/webhook-configuration.ts';
import { type Clock, sleep, withDeadline } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import { readAuthorities, writeAuthorities } from './authorities.ts';
import {
  type Authorities,
  type Authority,
  bundleOf,
  decideRotation,
  type Leaf,
  type Lifetimes,
  renewalOf,
  type Step,
} from './rotation.ts';

export interface KeeperOptions {
  readonly client: Client;
  readonly secret: Required<ObjectName>;
  /** Name of both configurations. */
  readonly configuration: string;
  readonly lifetimes: Lifetimes;
  /** Called with each new certificate. */
  readonly serve: (serving: ServingCertificate) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a person wants to know of the certificate. Times are epoch ms. */
export type CertificateState =
  | { readonly kind: 'starting' }
  /** The API server has no webhook of ours, so nobody asks. */
  | { readonly kind: 'unregistered' }
  /** `registered`: how many webhooks the API server has of ours; undefined = nobody looked. */
  | { readonly kind: 'serving'; readonly until: number; readonly registered: number | undefined }
  | { readonly kind: 'failed'; readonly reason: string; readonly until: number | undefined };

export interface Keeper {
  /** Works until aborted; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Does one step, and resolves to how long nothing more is to do, milliseconds. Rejects with what kept it from that. */
  step(signal: AbortSignal): Promise<number>;
  state(): CertificateState;
}

/** Clocks of clients may be behind. */
const BACKDATE_MS = 3_600_000;
/** Somebody may have replaced a configuration, and another replica may have been faster. */
const LOOK_AGAIN_MS = 30_000;
/** A chart makes the configurations a moment after the pod. */
const UNREGISTERED_MS = 3_000;
const SHORTEST_PAUSE_MS = 50;
const READ_MS = 15_000;
const FAILED_PAUSE_MS = 5_000;
const AUTHORITY = 'larder-webhook-ca';

export function createKeeper(options: KeeperOptions): Keeper {
  return new Keeping(options);
}

interface World {
  readonly object: Secret;
  readonly authorities: Authorities;
  readonly configurations: readonly WebhookConfiguration[];
  /** By the API server's clock, when the Secret was read. */
  readonly now: number;
}

/** Invariant: a certificate is only signed by an authority that was read in the same step, and ends as if made when it was read. */
class Keeping implements Keeper {
  readonly #options: KeeperOptions;
  #leaf: Leaf | undefined;
  #state: CertificateState = { kind: 'starting' };
  /** Since when all webhooks were seen to trust that. */
  #settled: { readonly bundle: string; readonly sinceMono: number } | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  state(): CertificateState {
    return this.#state;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      const pauseMs = await this.step(signal).catch((err: unknown) => {
        if (signal.aborted) return 0;
        const reason = err instanceof Error ? err.message : String(err);
        const repeated = this.#state.kind === 'failed' && this.#state.reason === reason;
        if (!repeated)
          log.error({ code: 'LARDER_WEBHOOK_CERTIFICATE', err }, 'the certificate of the webhook could not be kept');
        this.#state = { kind: 'failed', reason, until: this.#leaf?.until };
        return Math.min(FAILED_PAUSE_MS, this.#lookAgainMs());
      });
      await sleep(clock, pauseMs, signal).catch(() => undefined); // only the signal rejects, and the loop looks at it
    }
  }

  async step(signal: AbortSignal): Promise<number> {
    const { clock, lifetimes } = this.#options;
    const world = await this.#read(signal);
    const { authorities, configurations, now } = world;
    await this.#renew(world);
    const bundles = configurations.flatMap(bundlesOf);
    const settledMs = this.#settledMs(bundles, bundleOf(authorities), clock.monotonic());
    const step = decideRotation({ authorities, bundles, settledMs, now, lifetimes });
    this.#state = this.#stateOf(bundles.length);
    if (step.kind === 'wait') return Math.max(SHORTEST_PAUSE_MS, Math.min(step.ms, this.#lookAgainMs()));
    try {
      await this.#act(step, world, signal);
    } catch (failure) {
      if (!isKubeError(failure, 'KUBE_CONFLICT')) throw failure; // another replica was faster: what it wrote is read next
    }
    return SHORTEST_PAUSE_MS;
  }

  #stateOf(registered: number): CertificateState {
    if (registered === 0) return { kind: 'unregistered' };
    return this.#leaf ? { kind: 'serving', until: this.#leaf.until, registered } : { kind: 'starting' };
  }

  #lookAgainMs(): number {
    const { certificateMs } = this.#options.lifetimes;
    return Math.min(this.#leaf ? LOOK_AGAIN_MS : UNREGISTERED_MS, certificateMs / 10);
  }

  async #read(signal: AbortSignal): Promise<World> {
    const { client, clock, configuration, secret } = this.#options;
    const what = `get secrets ${secret.namespace}/${secret.name}`;
    const path = pathOf(kinds.Secret, secret);
    // Not by `get`, because the answer's head says what time it is there.
    const { response, body } = await withDeadline(
      clock,
      what,
      READ_MS,
      async (end) => {
        const answer = await client.request({ method: 'GET', path }, { signal: end });
        return { response: answer, body: await answer.text() };
      },
      signal,
    );
    if (response.status !== 200) throw errorOfResponse(what, { ...response, body });
    const object = kinds.Secret.project(JSON.parse(body));
    const date = Date.parse(response.headers['date'] ?? '');
    const found = await Promise.all(
      Object.values(webhookConfigurations).map((resource) =>
        ifThere(client.get(resource, { name: configuration }, { signal })),
      ),
    );
    return {
      object,
      authorities: readAuthorities(object.data ?? {}),
      configurations: found.flatMap((each) => each ?? []),
      now: Number.isNaN(date) ? clock.now() : date,
    };
  }

  /** Serves another certificate when there has to be one. */
  async #renew({ authorities: { current }, configurations, now }: World): Promise<void> {
    const { lifetimes, log, secret, serve } = this.#options;
    const hosts = configurations.flatMap(hostsOf);
    if (!current || hosts.length === 0) return;
    const why = renewalOf(this.#leaf, { current, hosts, lifetimes, now });
    if (why === undefined) return;
    const name: ServerName = { name: secret.name, hosts: [...new Set(hosts)] };
    const until = Math.min(now + lifetimes.certificateMs, current.until);
    const validity: Validity = { from: Math.max(now - BACKDATE_MS, current.from), until };
    const pair = await signServer(current, name, validity);
    const written = validityOf(pair.certificate) ?? validity; // whole seconds
    this.#leaf = { ...pair, ...written, signedBy: current.certificate, hosts: name.hosts };
    serve(pair);
    log.info({ why, hosts: name.hosts, until: new Date(until).toISOString() }, 'the webhook has a new certificate');
  }

  #settledMs(bundles: readonly string[], wanted: string, nowMono: number): number {
    if (bundles.some((each) => each !== wanted)) {
      this.#settled = undefined;
      return 0;
    }
    if (this.#settled?.bundle !== wanted) this.#settled = { bundle: wanted, sinceMono: nowMono };
    return nowMono - this.#settled.sinceMono;
  }

  async #act(step: Exclude<Step, { kind: 'wait' }>, world: World, signal: AbortSignal): Promise<void> {
    const { authorities, now } = world;
    const { current, next, previous, promotedAt } = authorities;
    this.#options.log.info({ step: step.kind }, 'the authority of the webhook changes');
    switch (step.kind) {
      case 'make':
        return this.#write(world, { ...authorities, current: await this.#authority(now) }, signal);
      case 'announce':
        return this.#write(world, { ...authorities, next: await this.#authority(now) }, signal);
      case 'publish':
        return this.#publish(world.configurations, step.bundle, signal);
      case 'promote':
        return this.#write(world, { current: next, previous: current ?? previous, promotedAt: now }, signal);
      case 'retire':
        return this.#write(world, { current, next, promotedAt }, signal);
      default:
        return step satisfies never;
    }
  }

  async #authority(now: number): Promise<Authority> {
    const validity = { from: now - BACKDATE_MS, until: now + this.#options.lifetimes.authorityMs };
    return { ...(await makeAuthority(AUTHORITY, validity)), ...validity };
  }

  async #write({ object }: World, authorities: Authorities, signal: AbortSignal): Promise<void> {
    const { client, secret } = this.#options;
    const { resourceVersion } = object.metadata;
    const value = { metadata: { resourceVersion }, data: writeAuthorities(authorities) };
    await client.patch(kinds.Secret, secret, { kind: 'merge', value }, { signal });
  }

  /** One after the other: who is stopped in between finds one that is right and one that is not. */
  async #publish(configurations: readonly WebhookConfiguration[], bundle: string, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    for (const found of configurations) {
      if (bundlesOf(found).every((each) => each === bundle)) continue;
      const resource = Object.values(webhookConfigurations).find(({ kind }) => kind === found.kind);
      if (!resource) continue;
      const patch = { kind: 'json', operations: withBundle(found, bundle) } as const;
      await client.patch(resource, { name: found.metadata.name }, patch, { signal });
    }
  }
}
