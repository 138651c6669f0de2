/** A desk for a ledger: writers one after the other, a signed head that is made once, one verification for all who ask. */
import type { Clock } from '../../telemetry/clock.ts';
import type { Ledger, Verification } from '../ledger.ts';
import { looking } from '../looking.ts';
import { type SignedHead, signHead } from '../signed-head.ts';
import type { Signer } from '../signer.ts';
import type { Desk } from './desk.ts';

interface DeskOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Signs the head, as it signs the records. */
  readonly signed: { readonly operator: string; readonly signer: Signer };
  readonly wrote: () => void;
}

export function openDesk({ ledger, clock, signed, wrote }: DeskOptions): Desk {
  let last: Promise<unknown> = Promise.resolve();
  let head: SignedHead | undefined;
  let verifying: Promise<Verification> | undefined;
  const fresh = looking(() => ledger.refresh(), clock);
  return {
    ledger,
    clock,
    wrote,
    fresh,
    turn(work) {
      const next = last.then(work, work);
      last = next.catch(() => undefined); // whoever asked is told; the next one has its turn all the same
      return next;
    },
    async head() {
      if (head?.hash !== ledger.head.hash) head = await signHead(ledger.head, signed);
      return head;
    },
    verify() {
      verifying ??= ledger.verify().finally(() => {
        verifying = undefined;
      });
      return verifying;
    },
  };
}
