/** Who comes to the console: the holder of its own token, and accounts of the cluster, each with what the cluster lets them. */
import type { People } from '../../http/people.ts';
import type { Client } from '../../kube/client.ts';
import type { Clock, Random } from '../../telemetry/clock.ts';
import type { Log } from '../../telemetry/log.ts';
import type { Account } from './account.ts';
import { letIn } from './guard.ts';
import type { Need } from './need.ts';
import { createReviews, type Reviews } from './reviews.ts';
import { createSessions } from './sessions.ts';
import { createTurnstiles } from './turnstile.ts';
import { owner, type Viewer } from './viewer.ts';

export interface PeopleOptions {
  /** Asks the API server about tokens and rights, as the operator; absent: accounts of the cluster are not let in. */
  readonly reviewer?: Pick<Client, 'request'> | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Of one person, in how many namespaces it is asked at once whether they may: a page that shows a hundred of them is no burst. */
const NAMESPACES_AT_ONCE = 4;

export function peopleOf({ reviewer, clock, random, log }: PeopleOptions): People {
  const justOwner = { owner: (request: Parameters<People['owner']>[0]) => letIn(request, owner) };
  if (!reviewer) {
    const nobody = async () => false;
    return { ...justOwner, byToken: nobody, bySession: nobody, begin: async () => undefined, end: () => undefined };
  }
  const reviews = createReviews({ client: reviewer, clock });
  const sessions = createSessions({ clock, random });
  const asking = { reviews, inTurn: createTurnstiles(NAMESPACES_AT_ONCE) };
  return {
    ...justOwner,
    async byToken(request, bearer) {
      const account = await reviews.whose(bearer);
      if (account)
        letIn(
          request,
          viewerOf(asking, account, async () => (await reviews.whose(bearer)) !== undefined),
        );
      return account !== undefined;
    },
    async bySession(request, id) {
      const present = async (): Promise<Account | undefined> => {
        const token = sessions.tokenOf(id);
        const account = token === undefined ? undefined : await reviews.whose(token);
        if (token !== undefined && !account) sessions.end(id); // the token ended or was revoked: so did the session
        return account;
      };
      const account = await present();
      if (account)
        letIn(
          request,
          viewerOf(asking, account, async () => (await present()) !== undefined),
        );
      return account !== undefined;
    },
    async begin(bearer) {
      const account = await reviews.whose(bearer);
      if (!account) return undefined;
      log.info({ user: account.username }, 'signed in to the console');
      return sessions.begin(bearer, account.username);
    },
    end: (id) => sessions.end(id),
  };
}

interface Asking {
  readonly reviews: Reviews;
  /** Of each person by itself. */
  readonly inTurn: ReturnType<typeof createTurnstiles>;
}

function viewerOf({ reviews, inTurn }: Asking, account: Account, isPresent: () => Promise<boolean>): Viewer {
  const may = (need: Need): Promise<boolean> => reviews.allows(account, need);
  return {
    kind: 'account',
    name: account.username,
    isPresent,
    may,
    async scope(need, namespaces) {
      if (await may({ ...need, namespace: '' })) return 'all';
      const allowed = new Set<string>();
      let isOver = false;
      const look = async (namespace: string): Promise<void> => {
        if (isOver) return; // one that was not answered decides for all of them: no more is asked in vain
        try {
          if (await may({ ...need, namespace })) allowed.add(namespace);
        } catch (failure) {
          isOver = true;
          throw failure;
        }
      };
      const names = [...new Set(namespaces)].filter((name) => name !== '');
      await Promise.all(names.map((namespace) => inTurn(account.username, () => look(namespace))));
      return allowed;
    },
  };
}
