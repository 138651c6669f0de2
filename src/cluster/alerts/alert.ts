/** What Alertmanager says over its API (v2) and to webhooks, as far as it is used. Source: its openapi.yaml, 0.34. */
import { z } from 'zod';

const labels = z.record(z.string(), z.string());
const time = z.iso.datetime({ offset: true });

export const alerts = z.array(
  z.object({
    fingerprint: z.string().min(1),
    labels,
    annotations: labels.default({}),
    startsAt: time,
    receivers: z.array(z.object({ name: z.string() })).default([]),
    status: z.object({
      state: z.enum(['unprocessed', 'active', 'suppressed']),
      silencedBy: z.array(z.string()).default([]),
      inhibitedBy: z.array(z.string()).default([]),
    }),
  }),
);
export type Alert = z.infer<typeof alerts>[number];

const matcher = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean().default(true),
});

export const silences = z.array(
  z.object({
    id: z.string().min(1),
    status: z.object({ state: z.enum(['expired', 'active', 'pending']) }),
    matchers: z.array(matcher),
    startsAt: time,
    endsAt: time,
    createdBy: z.string().default(''),
    comment: z.string().default(''),
  }),
);
export type Silence = z.infer<typeof silences>[number];

export const silenceMade = z.object({ silenceID: z.string().min(1) });

/** What a webhook gets. */
export const notification = z.object({
  version: z.literal('4'),
  receiver: z.string().default(''),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels,
      startsAt: time,
      fingerprint: z.string().min(1),
    }),
  ),
  truncatedAlerts: z.number().default(0),
});
export type Notification = z.infer<typeof notification>;

export type Severity = 'critical' | 'warning' | 'info';

/** A word that is none of the three says nothing of how bad it is. */
export function severityOf(given: Readonly<Record<string, string>>): Severity {
  const word = given['severity'];
  return word === 'critical' || word === 'warning' ? word : 'info';
}

export function nameOf(given: Readonly<Record<string, string>>): string {
  return given['alertname'] || 'unnamed';
}

/** The labels beside name and severity, as `node=pi-1 disk=sda`. */
export function subjectOf(given: Readonly<Record<string, string>>): string {
  return Object.entries(given)
    .filter(([name]) => name !== 'alertname' && name !== 'severity')
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
