/** What can be set about the admission webhook: rows of the configuration. */
import { setting } from './setting.ts';
import { type Parsed, parseDuration, parseSwitch } from './settings.ts';

const LARGEST_PORT = 65_535;
const SHORTEST_MS = 5_000;
const LONGEST_MS = 365 * 86_400_000;

function parsePort(text: string): Parsed<number> {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= LARGEST_PORT) return { ok: true, value };
  return { ok: false, reason: `must be a port from 0 (any free one) to ${LARGEST_PORT}` };
}

function parseLifetime(text: string): Parsed<number> {
  const duration = parseDuration(text);
  if (duration.ok && duration.value >= SHORTEST_MS && duration.value <= LONGEST_MS) return duration;
  return { ok: false, reason: 'must be a duration from "5s" to "365d", for example "30d"' };
}

export const webhookSettings = {
  enableWebhook: setting(
    parseSwitch,
    'false',
    'Serve the admission webhook, which sizes new claims and checks policies; the Helm chart switches it on.',
  ),
  webhookPort: setting(parsePort, '9443', 'Port of the webhook; 0 = any free one, which is what `larder up` takes.'),
  webhookCertificateLifetime: setting(
    parseLifetime,
    '30d',
    'Life of the certificates that Larder makes for its webhook; their authority lives four times as long.',
  ),
};
