/** What Alertmanager counts of its notifications, from the text of its metrics. */

export interface HandedOver {
  /** Requests that the other side took. */
  readonly taken: number;
  readonly failed: number;
  /** Counted for this receiver alone, and not for all of its kind. */
  readonly isExact: boolean;
}

/**
 * Alertmanager counts by the kind of receiver (`webhook`, `email`), and by the receiver's name only where the feature
 * `receiver-name-in-metrics` is on. It counts a request when it is over (`notifications_total` counts beginnings).
 */
export function handedOver(metrics: string, integration: string, receiver: string): HandedOver {
  const all = seriesOf(metrics, 'alertmanager_notification_requests_total', integration, receiver);
  const failed = seriesOf(metrics, 'alertmanager_notification_requests_failed_total', integration, receiver);
  return { taken: all.sum - failed.sum, failed: failed.sum, isExact: all.isExact };
}

function seriesOf(
  metrics: string,
  name: string,
  integration: string,
  receiver: string,
): { readonly sum: number; readonly isExact: boolean } {
  let sum = 0;
  let isExact = false;
  for (const line of metrics.split('\n')) {
    const [, labels = '', value = ''] = new RegExp(`^${name}\\{([^}]*)\\} (\\S+)`).exec(line) ?? [];
    if (value === '' || labelOf(labels, 'integration') !== integration) continue;
    const named = labelOf(labels, 'receiver_name');
    if (named !== undefined && named !== receiver) continue;
    isExact ||= named === receiver;
    sum += Number(value);
  }
  return { sum, isExact };
}

function labelOf(labels: string, name: string): string | undefined {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
}
