/** A notification that arrived, as records. */
import type { EventData } from '../../ledger/event.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { type Notification, nameOf, severityOf } from './alert.ts';

export type Delivery = EventData<'alert-delivered'>;

/** Alerts that are over were delivered when they began. `arrivedAt`: epoch milliseconds. */
export function deliveries(
  { alerts, receiver }: Notification,
  routes: ClusterSpec['alerts']['routes'],
  arrivedAt: number,
): readonly Delivery[] {
  return alerts
    .filter(({ status }) => status === 'firing')
    .map(({ fingerprint, labels, startsAt }) => {
      const alertName = nameOf(labels);
      const severity = severityOf(labels);
      const own = routes.filter(({ alert }) => alert === alertName);
      const route = own.find(({ id }) => id === receiver) ?? own.find((each) => each.severity === severity);
      const firedAt = Math.min(Date.parse(startsAt), arrivedAt); // a clock that is ahead delivers nothing before it fires
      return {
        fingerprint,
        alertName,
        severity,
        ...(route && { routeId: route.id }),
        firedAt: new Date(firedAt).toISOString(),
        deliveredAt: new Date(arrivedAt).toISOString(),
      };
    });
}

/** The same firing, however often it is told again. */
export function firingOf({ fingerprint, firedAt }: Pick<Delivery, 'fingerprint' | 'firedAt'>): string {
  return `${fingerprint} ${Date.parse(firedAt)}`;
}
