/** What `doctor` says of the webhook. Pure. */
import type { Finding } from '../api.ts';
import type { WebhookState } from './admission-server.ts';

const DAY_MS = 86_400_000;
const APPLY =
  'with the chart: helm upgrade with webhook.enabled=true; without it: kubectl apply -f docs/reference/webhook.yaml';

/** `now`: epoch ms. Empty: the webhook is off, and nobody misses it. */
export function webhookFindings(state: WebhookState | undefined, now: number): readonly Finding[] {
  if (!state) return [];
  const check = 'webhook';
  const { certificate } = state;
  switch (certificate.kind) {
    case 'starting':
      return [{ check, level: 'unknown', message: 'its certificate is being made', fix: 'look again in a minute' }];
    case 'unregistered':
      return [
        { check, level: 'warning', message: 'the API server has no webhook of Larder, so it asks nothing', fix: APPLY },
      ];
    case 'failed': {
      const { reason, until } = certificate;
      const left = until === undefined ? 'there is none' : untilText(until, now);
      const message = `its certificate cannot be kept (${left}): ${reason}`;
      return [{ check, level: until !== undefined && until > now ? 'warning' : 'error', message, fix: APPLY }];
    }
    case 'serving':
      return [
        {
          check,
          level: 'ok',
          message: `its certificate ${untilText(certificate.until, now)}, ${askedText(state)}`,
          fix: '',
        },
      ];
    default:
      return certificate satisfies never;
  }
}

function untilText(until: number, now: number): string {
  if (until <= now) return 'has ended';
  const days = Math.floor((until - now) / DAY_MS);
  return `holds until ${new Date(until).toISOString()}${days > 0 ? ` (${days} days)` : ''}`;
}

function askedText({ asked, askedAgoMs }: WebhookState): string {
  if (askedAgoMs === undefined) return 'nobody has asked yet since the start';
  return `asked ${asked} times, ${Math.round(askedAgoMs / 1_000)} s ago for the last time`;
}
